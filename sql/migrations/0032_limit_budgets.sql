-- The rate limits that daemons share. A row is the bucket of one key: when it will be full again, in microseconds of
-- Unix time, as the daemons have it in memory. Keys are hashes with the seed, so that no row names an address.
CREATE TABLE limit_budgets (
    kind bigint NOT NULL,
    key bigint NOT NULL,
    full_us bigint NOT NULL,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 50);

-- One row: what all daemons make keys with.
CREATE TABLE limit_seed (seed bigint NOT NULL);
CREATE UNIQUE INDEX limit_seed_is_one ON limit_seed ((true));
INSERT INTO limit_seed
SELECT ('x' || left(encode(sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')),
                           'hex'), 16))::bit(64)::bigint;

-- Leases shares of some keys, each at most once. What was spent counts in any case, also beyond a full bucket; of what
-- is wanted as much is granted as there is, else none before `wait_us`. A budget that is lost costs nothing but its
-- memory, so the transaction does not wait for disks and standbys.
CREATE FUNCTION lease_limits(kinds bigint[], keys bigint[], each_us bigint[], burst_us bigint[], spent bigint[],
                             wanted bigint[])
RETURNS TABLE (asked_kind bigint, asked_key bigint, granted bigint, wait_us bigint)
LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    now_us bigint;
    begin_us bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR asked IN
        SELECT * FROM unnest(kinds, keys, each_us, burst_us, spent, wanted)
                   AS a (kind, key, each_us, burst_us, spent, wanted)
         ORDER BY a.kind, a.key -- all daemons lock in one order
    LOOP
        INSERT INTO limit_budgets (kind, key, full_us) VALUES (asked.kind, asked.key, 0) ON CONFLICT DO NOTHING;
        SELECT b.full_us INTO begin_us FROM limit_budgets b WHERE b.kind = asked.kind AND b.key = asked.key FOR UPDATE;
        now_us := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
        begin_us := greatest(begin_us, now_us) + asked.spent * asked.each_us;
        asked_kind := asked.kind;
        asked_key := asked.key;
        granted := least(asked.wanted, greatest(0, (now_us + asked.burst_us - begin_us) / asked.each_us));
        wait_us := greatest(0, begin_us + asked.each_us - asked.burst_us - now_us);
        UPDATE limit_budgets b SET full_us = begin_us + granted * asked.each_us
         WHERE b.kind = asked.kind AND b.key = asked.key;
        RETURN NEXT;
    END LOOP;
    IF random() < 0.01 THEN
        DELETE FROM limit_budgets b
         USING (SELECT l.kind, l.key FROM limit_budgets l
                 WHERE l.full_us < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - 60000000
                 LIMIT 1000 FOR UPDATE SKIP LOCKED) AS old
         WHERE b.kind = old.kind AND b.key = old.key;
    END IF;
END
$$;
