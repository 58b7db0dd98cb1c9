-- Whether the migrations that count epochs have been applied.
-- columns: known bool
-- shape: one
SELECT to_regproc('history_now') IS NOT NULL AS known
