-- Who was told what. Times are microseconds since 1970, UTC.
create table notices (
    notice_id   integer primary key,
    kind        text not null,      -- new_data, failure, recovered, key_expiring, gap_found, report
    topic       text not null,      -- what it is about: a step, a run, a report
    fault       text not null,      -- which fault of the topic; empty when the kind has no faults
    made_at     integer not null,
    is_test     integer not null,
    facts       text not null,      -- a JSON object
    attachments text not null,      -- a JSON list of paths
    n_held      integer not null default 0,   -- how often the same happened again and was not told
    held_at     integer             -- when it last did
);
create index notices_by_topic on notices (topic, made_at);

-- One row per notice and address: a person, or a webhook by its host.
create table notice_deliveries (
    notice_id   integer not null references notices on delete cascade,
    channel     text not null,      -- mail, webhook
    target      text not null,
    state       text not null,      -- waiting, sent, refused, given_up, dropped
    n_tries     integer not null default 0,
    next_try_at integer not null,
    finished_at integer,
    error       text,
    primary key (notice_id, channel, target)
);
create index notice_deliveries_waiting on notice_deliveries (next_try_at) where state = 'waiting';

-- What is told only once, such as each day of a gap.
create table told (
    kind        text not null,
    item        text not null,
    primary key (kind, item)
) without rowid;
