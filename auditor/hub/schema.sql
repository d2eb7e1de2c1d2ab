-- What a hub keeps in PostgreSQL 15 or newer beside Procrastinate, which stands in the same schema.
-- A site's role has no grant on any table: only the functions of auditor_site, each of which asks whose session it is.

CREATE TABLE setting (name text PRIMARY KEY, value text NOT NULL);

CREATE TABLE site (
    role name PRIMARY KEY,
    site text NOT NULL UNIQUE,
    joined timestamptz,
    worker bigint,
    progress jsonb NOT NULL DEFAULT '[]',
    heard timestamptz
);

-- `head` is the line that opens the journal of the run.
CREATE TABLE run (id text PRIMARY KEY, head text NOT NULL, begun timestamptz NOT NULL DEFAULT now());

CREATE TABLE job (
    run text NOT NULL REFERENCES run ON DELETE CASCADE,
    site text NOT NULL,
    number integer NOT NULL,
    task bigint NOT NULL UNIQUE,
    entry jsonb NOT NULL,
    PRIMARY KEY (run, site, number)
);

CREATE TABLE batch (
    task bigint NOT NULL REFERENCES job (task) ON DELETE CASCADE,
    number integer NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (task, number)
);

CREATE TABLE login (
    run text NOT NULL REFERENCES run ON DELETE CASCADE,
    kind text NOT NULL,
    credential text NOT NULL,
    refusals integer NOT NULL DEFAULT 0,
    proven integer NOT NULL DEFAULT 0,
    PRIMARY KEY (run, kind, credential)
);

-- Logins under way; those of a worker that is gone are under way no longer.
CREATE TABLE turn (
    run text NOT NULL REFERENCES run ON DELETE CASCADE,
    kind text NOT NULL,
    credential text NOT NULL,
    worker bigint NOT NULL REFERENCES procrastinate_workers ON DELETE CASCADE
);

CREATE SCHEMA auditor_site;

-- The site of whoever asks; nobody else's session has one.
CREATE FUNCTION my_site() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine text;
BEGIN
    SELECT s.site INTO mine FROM site s WHERE s.role = session_user AND s.joined IS NOT NULL;
    IF mine IS NULL THEN
        RAISE 'no site has joined as this role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN mine;
END $$;

-- The worker must be the one that opened the desk last: an older one has been replaced.
CREATE FUNCTION demand_worker(_worker bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine text := my_site();
BEGIN
    IF NOT EXISTS (SELECT FROM site s JOIN procrastinate_workers w ON w.id = s.worker
                   WHERE s.site = mine AND s.worker = _worker) THEN
        RAISE 'given on' USING ERRCODE = 'no_data_found';
    END IF;
    RETURN mine;
END $$;

-- Locks the job so that nobody gives it on meanwhile.
CREATE FUNCTION demand_job(_worker bigint, _task bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mine text := demand_worker(_worker);
BEGIN
    PERFORM FROM procrastinate_jobs j
        WHERE j.id = _task AND j.queue_name = mine AND j.worker_id = _worker AND j.status = 'doing' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'given on' USING ERRCODE = 'no_data_found';
    END IF;
END $$;

-- A run one of the site's own jobs belongs to.
CREATE FUNCTION demand_run(_run text) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine text := my_site();
BEGIN
    IF NOT EXISTS (SELECT FROM job j WHERE j.run = _run AND j.site = mine) THEN
        RAISE 'no run of this site' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

CREATE FUNCTION auditor_site.join_site(_verifier text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
DECLARE
    mine text;
BEGIN
    IF _verifier !~ '^SCRAM-SHA-256\$' THEN
        RAISE 'not a SCRAM verifier' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE site s SET joined = now() WHERE s.role = session_user AND s.joined IS NULL RETURNING s.site INTO mine;
    IF mine IS NULL THEN
        RAISE 'this invitation was used before' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L VALID UNTIL ''infinity''', session_user, _verifier);
    RETURN mine;
END $$;

-- A worker opens its desk: refused in words where it is not of the hub's version and rules.
CREATE FUNCTION auditor_site.open_desk(_version text, _rules text, OUT worker bigint, OUT site text, OUT refusal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
DECLARE
    wanted text;
BEGIN
    site := my_site();
    SELECT value INTO wanted FROM setting WHERE name = 'version';
    IF wanted IS DISTINCT FROM _version THEN
        refusal := format('this worker is version %s, its hub %s; install that one', left(_version, 40), wanted);
        RETURN;
    END IF;
    SELECT value INTO wanted FROM setting WHERE name = 'rules';
    IF wanted IS DISTINCT FROM _rules THEN
        refusal := format('this worker has rules %s, its hub %s; update them', left(_rules, 40), wanted);
        RETURN;
    END IF;
    SELECT w.worker_id INTO worker FROM procrastinate_register_worker_v1() w;
    UPDATE site s SET worker = open_desk.worker, heard = now() WHERE s.role = session_user;
END $$;

CREATE FUNCTION auditor_site.beat(_worker bigint, _progress jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
BEGIN
    PERFORM demand_worker(_worker);
    IF pg_column_size(_progress) > 65536 THEN
        RAISE 'too long' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM procrastinate_update_heartbeat_v1(_worker);
    UPDATE site s SET progress = _progress, heard = now() WHERE s.role = session_user;
END $$;

CREATE FUNCTION auditor_site.take(_worker bigint, OUT task bigint, OUT entry jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
DECLARE
    mine text := demand_worker(_worker);
BEGIN
    PERFORM procrastinate_update_heartbeat_v1(_worker);
    SELECT f.id INTO task FROM procrastinate_fetch_job_v2(ARRAY[mine]::varchar[], _worker) f;
    SELECT j.entry INTO entry FROM job j WHERE j.task = take.task AND j.site = mine;
END $$;

CREATE FUNCTION auditor_site.before(_worker bigint, _task bigint) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
BEGIN
    PERFORM demand_job(_worker, _task);
    RETURN QUERY SELECT b.content FROM batch b WHERE b.task = _task ORDER BY b.number;
END $$;

CREATE FUNCTION auditor_site.hand_in(_worker bigint, _task bigint, _number integer, _content text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
BEGIN
    PERFORM demand_job(_worker, _task);
    IF octet_length(_content) > 67108864 THEN
        RAISE 'too long' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO batch VALUES (_task, _number, _content) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION auditor_site.finish(_worker bigint, _task bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
BEGIN
    PERFORM demand_job(_worker, _task);
    PERFORM procrastinate_finish_job_v1(_task, 'succeeded', false);
END $$;

-- True: a turn to log in; false: refused too often; null: others have to end first.
CREATE FUNCTION auditor_site.enter_login(_worker bigint, _run text, _kind text, _credential text, _limit integer)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
DECLARE
    known login;
    under_way integer;
BEGIN
    PERFORM demand_worker(_worker), demand_run(_run);
    INSERT INTO login VALUES (_run, left(_kind, 20), left(_credential, 200)) ON CONFLICT DO NOTHING;
    SELECT * INTO known FROM login l
        WHERE (l.run, l.kind, l.credential) = (_run, left(_kind, 20), left(_credential, 200)) FOR UPDATE;
    IF known.refusals >= _limit THEN
        RETURN false;
    END IF;
    SELECT count(*) INTO under_way FROM turn t
        WHERE (t.run, t.kind, t.credential) = (known.run, known.kind, known.credential);
    IF under_way >= greatest(1, _limit - known.refusals + known.proven) THEN
        RETURN NULL;
    END IF;
    INSERT INTO turn VALUES (known.run, known.kind, known.credential, _worker);
    RETURN true;
END $$;

CREATE FUNCTION auditor_site.leave_login(
    _worker bigint, _run text, _kind text, _credential text, _turn boolean, _success boolean
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
BEGIN
    PERFORM demand_worker(_worker), demand_run(_run);
    INSERT INTO login VALUES (_run, left(_kind, 20), left(_credential, 200)) ON CONFLICT DO NOTHING;
    UPDATE login l SET refusals = l.refusals + (_success IS FALSE)::integer, proven = l.proven + (_success IS TRUE)::integer
        WHERE (l.run, l.kind, l.credential) = (_run, left(_kind, 20), left(_credential, 200));
    IF _turn THEN
        DELETE FROM turn t WHERE t.ctid = (SELECT o.ctid FROM turn o
            WHERE (o.run, o.kind, o.credential, o.worker) = (_run, left(_kind, 20), left(_credential, 200), _worker)
            LIMIT 1);
    END IF;
END $$;

CREATE FUNCTION auditor_site.logins(
    _worker bigint, _run text, _kind text, _credential text, OUT refusals integer, OUT proven integer, OUT under_way integer
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = auditor_hub, pg_temp AS $$
BEGIN
    PERFORM demand_worker(_worker), demand_run(_run);
    SELECT coalesce(max(l.refusals), 0), coalesce(max(l.proven), 0) INTO refusals, proven FROM login l
        WHERE (l.run, l.kind, l.credential) = (_run, left(_kind, 20), left(_credential, 200));
    SELECT count(*) INTO under_way FROM turn t
        WHERE (t.run, t.kind, t.credential) = (_run, left(_kind, 20), left(_credential, 200));
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA auditor_hub, auditor_site FROM PUBLIC;
REVOKE ALL ON SCHEMA auditor_hub, auditor_site FROM PUBLIC;
GRANT USAGE ON SCHEMA auditor_site TO auditor_sites;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auditor_site TO auditor_sites;
