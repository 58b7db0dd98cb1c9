-- Leases shares of the budgets that daemons have in common.
-- parameters: kinds int8[], keys int8[], each_us int8[], burst_us int8[], spent int8[], wanted int8[]
-- columns: kind int8, key int8, granted int8, wait_us int8
-- shape: many
-- writes: yes
SELECT l.asked_kind AS kind, l.asked_key AS key, l.granted, l.wait_us
  FROM lease_limits($1, $2, $3, $4, $5, $6) AS l
