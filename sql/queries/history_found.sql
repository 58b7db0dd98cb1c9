-- Which history the rows were counted on, and which one this server is.
-- columns: counted text, here text, epoch text, number int8
-- shape: one
SELECT r.history AS counted, history_now() AS here, r.epoch::text AS epoch, r.epoch_number AS number
  FROM registry r
