-- What a token may add to the reports within a day is counted, and where one host stands is found without reading
-- every host of every group.

CREATE INDEX report_states_new ON report_states (reported_by, first_report_at);
CREATE INDEX report_states_host ON report_states (host);

-- Whether a team owns anything is asked before an upload in a form is read, which names its package in its body.
CREATE INDEX packages_owner ON packages (owner) WHERE owner IS NOT NULL;
