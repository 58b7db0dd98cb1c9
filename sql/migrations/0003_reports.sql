-- What hosts report of their directory walks beside the registry: the last reports of each host and
-- group, and one row that says where the host stands. A report is no change of the registry: it takes
-- no serial and wakes nobody.

CREATE TABLE report_states (
    group_name text COLLATE "C" NOT NULL CHECK (octet_length(group_name) BETWEEN 1 AND 200),
    host text COLLATE "C" NOT NULL CHECK (octet_length(host) BETWEEN 1 AND 100),
    environment text COLLATE "C" NOT NULL CHECK (octet_length(environment) BETWEEN 1 AND 100),
    equal boolean NOT NULL,
    equal_since timestamptz,
    summary text NOT NULL,
    report_count bigint NOT NULL CHECK (report_count > 0),
    first_report_at timestamptz NOT NULL,
    last_report_at timestamptz NOT NULL,
    reported_by text NOT NULL,
    PRIMARY KEY (group_name, host, environment),
    CONSTRAINT report_states_equal_since CHECK (equal = (equal_since IS NOT NULL))
) WITH (fillfactor = 80);
COMMENT ON COLUMN report_states.equal_since IS 'the first report of the unbroken run of equal ones';
COMMENT ON COLUMN report_states.summary IS 'JSON: what the last report says, in counts and names';

CREATE TABLE parity_reports (
    group_name text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    equal boolean NOT NULL,
    origin text NOT NULL,
    report text NOT NULL,
    reported_at timestamptz NOT NULL,
    reported_by text NOT NULL,
    PRIMARY KEY (group_name, host, environment, number),
    FOREIGN KEY (group_name, host, environment) REFERENCES report_states
);
COMMENT ON COLUMN parity_reports.number IS 'counted per host and group, from 1; old ones are dropped';
COMMENT ON COLUMN parity_reports.origin IS 'JSON: how the host walked';
