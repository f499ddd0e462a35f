-- A stand-in for pgvector: the types, their distances and the names of its indexes, so that migrations apply and a search
-- finds what it would find, one row after the other. What pgvector is for, to be fast, it is not: its indexes are of no
-- use to a search. Not here: sparsevec, distances of bits, arithmetic, aggregates.
--
-- Made in the first schema of the search path. A value is kept as it was written. May run again.

do $stand_in$
declare
  kind text;
  source text;
  method text;
  measure text;
begin
  foreach method in array array['hnsw', 'ivfflat'] loop
    if not exists (select from pg_am where amname = method) then
      execute format('create access method %I type index handler hashhandler', method);
    end if;
  end loop;

  foreach kind in array array['vector', 'halfvec'] loop
    continue when to_regtype(kind) is not null;

    execute format('create type %I', kind);
    execute replace($sql$
      create function KIND_in(cstring, oid, integer) returns KIND language internal immutable strict parallel safe as 'textin';
      create function KIND_out(KIND) returns cstring language internal immutable strict parallel safe as 'textout';
      create function KIND_recv(internal, oid, integer) returns KIND language internal stable strict parallel safe as 'textrecv';
      create function KIND_send(KIND) returns bytea language internal stable strict parallel safe as 'textsend';
      create type KIND (
        input = KIND_in, output = KIND_out, receive = KIND_recv, send = KIND_send,
        typmod_in = varchartypmodin, typmod_out = varchartypmodout, storage = external
      );

      create function KIND_terms(KIND) returns double precision[] language sql immutable strict parallel safe
        return string_to_array(btrim($1::text, '[]'), ',')::double precision[];
      create function vector_dims(KIND) returns integer language sql immutable strict parallel safe
        return cardinality(KIND_terms($1));

      -- The length of varchar: four more than was said.
      create function KIND(KIND, integer, boolean) returns KIND language plpgsql immutable strict parallel safe as $body$
      declare
        dimensions constant integer := cardinality(string_to_array(btrim($1::text, '[]'), ',')::double precision[]);
      begin
        if $2 > 0 and dimensions <> $2 - 4 then
          raise exception using errcode = 'data_exception', message = format('expected %s dimensions, not %s', $2 - 4, dimensions);
        end if;
        return $1;
      end;
      $body$;
      create cast (KIND as KIND) with function KIND(KIND, integer, boolean) as implicit;

      create function array_from_KIND(KIND) returns real[] language sql immutable strict parallel safe return KIND_terms($1)::real[];
      create cast (KIND as real[]) with function array_from_KIND(KIND) as implicit;

      create function KIND_distance(l double precision[], r double precision[], measure text) returns double precision
      language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $body$
      begin
        if cardinality(l) <> cardinality(r) then
          raise exception using
            errcode = 'data_exception', message = format('different KIND dimensions %s and %s', cardinality(l), cardinality(r));
        end if;
        return case measure
          when 'l2' then (select sqrt(sum((a - b) ^ 2)) from unnest(l, r) as pair (a, b))
          when 'l1' then (select sum(abs(a - b)) from unnest(l, r) as pair (a, b))
          when 'ip' then (select sum(a * b) from unnest(l, r) as pair (a, b))
          else (
            select coalesce(1 - sum(a * b) / nullif(sqrt(sum(a * a)) * sqrt(sum(b * b)), 0), 'NaN') from unnest(l, r) as pair (a, b)
          )
        end;
      end;
      $body$;
      create function l2_distance(KIND, KIND) returns double precision language sql immutable strict parallel safe
        return KIND_distance(KIND_terms($1), KIND_terms($2), 'l2');
      create function l1_distance(KIND, KIND) returns double precision language sql immutable strict parallel safe
        return KIND_distance(KIND_terms($1), KIND_terms($2), 'l1');
      create function inner_product(KIND, KIND) returns double precision language sql immutable strict parallel safe
        return KIND_distance(KIND_terms($1), KIND_terms($2), 'ip');
      create function KIND_negative_inner_product(KIND, KIND) returns double precision language sql immutable strict parallel safe
        return - inner_product($1, $2);
      create function cosine_distance(KIND, KIND) returns double precision language sql immutable strict parallel safe
        return KIND_distance(KIND_terms($1), KIND_terms($2), 'cosine');
      create function l2_norm(KIND) returns double precision language sql immutable strict parallel safe
        return sqrt(inner_product($1, $1));
      create operator <-> (leftarg = KIND, rightarg = KIND, function = l2_distance, commutator = <->);
      create operator <+> (leftarg = KIND, rightarg = KIND, function = l1_distance, commutator = <+>);
      create operator <#> (leftarg = KIND, rightarg = KIND, function = KIND_negative_inner_product, commutator = <#>);
      create operator <=> (leftarg = KIND, rightarg = KIND, function = cosine_distance, commutator = <=>);

      create function KIND_lt(KIND, KIND) returns boolean language internal immutable strict parallel safe as 'bytealt';
      create function KIND_le(KIND, KIND) returns boolean language internal immutable strict parallel safe as 'byteale';
      create function KIND_eq(KIND, KIND) returns boolean language internal immutable strict parallel safe as 'byteaeq';
      create function KIND_ne(KIND, KIND) returns boolean language internal immutable strict parallel safe as 'byteane';
      create function KIND_ge(KIND, KIND) returns boolean language internal immutable strict parallel safe as 'byteage';
      create function KIND_gt(KIND, KIND) returns boolean language internal immutable strict parallel safe as 'byteagt';
      create function KIND_cmp(KIND, KIND) returns integer language internal immutable strict parallel safe as 'byteacmp';
      create function KIND_hash(KIND) returns integer language internal immutable strict parallel safe as 'hashvarlena';
      create operator < (leftarg = KIND, rightarg = KIND, function = KIND_lt, commutator = >, negator = >=);
      create operator <= (leftarg = KIND, rightarg = KIND, function = KIND_le, commutator = >=, negator = >);
      create operator = (leftarg = KIND, rightarg = KIND, function = KIND_eq, commutator = =, negator = <>, hashes, merges);
      create operator <> (leftarg = KIND, rightarg = KIND, function = KIND_ne, commutator = <>, negator = =);
      create operator >= (leftarg = KIND, rightarg = KIND, function = KIND_ge, commutator = <=, negator = <);
      create operator > (leftarg = KIND, rightarg = KIND, function = KIND_gt, commutator = <, negator = <=);
      create operator class KIND_ops default for type KIND using btree as
        operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 KIND_cmp(KIND, KIND);
      create operator class KIND_ops default for type KIND using hash as operator 1 =, function 1 KIND_hash(KIND);
$sql$, 'KIND', kind);

    foreach source in array array['real', 'double precision', 'integer', 'numeric'] loop
      execute replace(replace($sql$
        create function array_to_KIND(SOURCE[], integer, boolean) returns KIND language sql immutable strict parallel safe
          return KIND(concat('[', array_to_string($1, ','), ']')::KIND, $2, $3);
        create cast (SOURCE[] as KIND) with function array_to_KIND(SOURCE[], integer, boolean) as assignment;
$sql$, 'KIND', kind), 'SOURCE', source);
    end loop;

    foreach method in array array['hnsw', 'ivfflat'] loop
      foreach measure in array array['l2', 'ip', 'cosine', 'l1'] loop
        execute format(
          'create operator class %1$s_%2$s_ops %3$s for type %1$s using %4$s as operator 1 =, function 1 %1$s_hash(%1$s)',
          kind, measure, case when method = 'ivfflat' and measure = 'l2' then 'default' end, method
        );
      end loop;
    end loop;
  end loop;

  if not exists (select from pg_cast where castsource = to_regtype('vector') and casttarget = to_regtype('halfvec')) then
    create cast (vector as halfvec) with inout as assignment;
    create cast (halfvec as vector) with inout as implicit;
  end if;
end
$stand_in$;
