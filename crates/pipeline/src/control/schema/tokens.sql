-- Who may ask the server. A token itself is nowhere: a digest of it is.
create table tokens (
    name         text primary key,
    role         text not null,      -- reader, operator, admin
    digest       blob not null,      -- BLAKE3 of the token
    created_at   integer not null,
    expires_at   integer,
    last_used_at integer
);
