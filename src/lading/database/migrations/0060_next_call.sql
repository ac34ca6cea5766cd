-- When a provider or a service is asked again that did not answer: twice as long after each call, an hour at most.
CREATE FUNCTION next_call(now timestamptz, attempts smallint) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT now + least(3600, 15 * 2 ^ least(attempts, 12)) * interval '1 second'
$$;
