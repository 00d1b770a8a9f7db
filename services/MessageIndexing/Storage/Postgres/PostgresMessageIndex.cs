using Npgsql;
using NpgsqlTypes;

namespace WhiteCross.MessageIndexing;

/// <summary>The index on PostgreSQL: tsvector under a GIN index. Instances take turns in writing, so that none overlooks what another is about to store.</summary>
internal sealed class PostgresMessageIndex : IMessageIndex, IAsyncDisposable
{
    private const string Columns = "id, sender_id, recipient_id, conversation_id, message_timestamp, version, event_at, content, members";
    private const long WritersLock = 0x5743_5345_4152_4348;

    private readonly NpgsqlDataSource _database;

    /// <summary>Creates the index's access; connects when it is used.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="loggers">Where the driver logs.</param>
    public PostgresMessageIndex(string connectionString, ILoggerFactory? loggers = null) =>
        _database = new NpgsqlDataSourceBuilder(connectionString).UseLoggerFactory(loggers).Build();

    /// <inheritdoc/>
    public async Task UpgradeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands = { TakeTurn(), new("CREATE TABLE IF NOT EXISTS search_schema (version int NOT NULL)") },
        })
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var find = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM search_schema", connection, transaction);
        var version = (int)(await find.ExecuteScalarAsync(cancellationToken))!;
        foreach (var (number, sql) in SchemaScripts.After("Postgres", version))
        {
#pragma warning disable CA2100 // A script of the service's own.
            await using var script = new NpgsqlCommand(sql, connection, transaction);
#pragma warning restore CA2100
            await script.ExecuteNonQueryAsync(cancellationToken);
            await using var note = new NpgsqlCommand("INSERT INTO search_schema (version) VALUES ($1)", connection, transaction) { Parameters = { new() { Value = number } } };
            await note.ExecuteNonQueryAsync(cancellationToken);
        }

        await MakeWordsAsync(connection, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // What another version made of the texts would not be found by what this one makes of queries.
    private static async Task MakeWordsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM text_version", connection, transaction);
        if ((int)(await find.ExecuteScalarAsync(cancellationToken))! == Words.Version)
        {
            return;
        }

        var (after, page) = (Guid.Empty, new List<(Guid Id, string Content)>());
        do
        {
            page.Clear();
            await using (var read = new NpgsqlCommand("SELECT id, content FROM indexed_messages WHERE id > $1 AND content IS NOT NULL ORDER BY id LIMIT 1000", connection, transaction)
            {
                Parameters = { new() { Value = after } },
            })
            await using (var reader = await read.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    page.Add((reader.GetGuid(0), reader.GetString(1)));
                }
            }

            if (page.Count > 0)
            {
                after = page[^1].Id;
                await using var write = new NpgsqlCommand(
                    "UPDATE indexed_messages SET words = m.words::tsvector FROM unnest($1, $2) AS m (id, words) WHERE indexed_messages.id = m.id", connection, transaction)
                {
                    Parameters =
                    {
                        new() { Value = page.Select(row => row.Id).ToArray() },
                        new() { Value = page.Select(row => TextSearch.Vector(row.Content)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                    },
                };
                await write.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        while (page.Count > 0);

        await using var note = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands = { new("DELETE FROM text_version"), new("INSERT INTO text_version (version) VALUES ($1)") { Parameters = { new() { Value = Words.Version } } } },
        };
        await note.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand("SELECT 1 FROM indexed_messages LIMIT 1");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IndexEffect>> ApplyAsync(IReadOnlyList<IndexEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);

        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var stored = new Dictionary<Guid, IndexedMessage>(events.Count);
        await using (var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                TakeTurn(),
                new($"SELECT {Columns} FROM indexed_messages WHERE id = ANY ($1)")
                {
                    Parameters = { new() { Value = events.Select(happened => happened.MessageId).Distinct().ToArray() } },
                },
            },
        })
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var message = Read(reader);
                stored.Add(message.Id, message);
            }
        }

        var plan = new IndexPlan(stored, events);
        if (plan.Changes.Count > 0)
        {
            await WriteAsync(connection, transaction, plan.Changes, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return plan.Effects;
    }

    /// <inheritdoc/>
    public async Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);

        await using var command = _database.CreateCommand(
            $"""
            WITH hits AS MATERIALIZED (
              SELECT id, sent_at, {(request.ByTime ? "0::float8" : "ts_rank(words, @query::tsquery, 1)::float8")} AS score FROM indexed_messages
              WHERE words @@ @query::tsquery AND (sender_id = @user OR recipient_id = @user OR position(@member in members) > 0)
              {(request.ConversationId is null ? "" : "AND conversation_id = @conversation")}
              {(request.From is null ? "" : "AND sent_at >= @from")}
              {(request.To is null ? "" : "AND sent_at <= @to")}
            ), page AS (
              SELECT id, score FROM hits
              {(request.After is null ? "" : "WHERE (score, sent_at, id) < (coalesce((SELECT score FROM hits WHERE id = @after), @score), @sentAt, @after)")}
              ORDER BY score DESC, sent_at DESC, id DESC LIMIT @limit
            )
            SELECT {Columns}, page.score FROM page JOIN indexed_messages USING (id)
            ORDER BY page.score DESC, sent_at DESC, id DESC
            """);
        command.Parameters.AddWithValue("query", TextSearch.Query(request.Query));
        command.Parameters.AddWithValue("user", request.UserId);
        command.Parameters.AddWithValue("member", request.UserId.ToString("D"));
        command.Parameters.AddWithValue("limit", request.Limit + 1);
        AddIfGiven("conversation", request.ConversationId);
        AddIfGiven("from", request.From?.UtcTicks);
        AddIfGiven("to", request.To?.UtcTicks);
        AddIfGiven("score", request.After?.Score);
        AddIfGiven("sentAt", request.After?.SentAt.UtcTicks);
        AddIfGiven("after", request.After?.Id);

        var hits = new List<SearchHit>(request.Limit + 1);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            hits.Add(new SearchHit(Read(reader), reader.GetDouble(9)));
        }

        return SearchPage.Of(hits, request.Limit);

        void AddIfGiven(string name, object? value)
        {
            if (value is not null)
            {
                command.Parameters.AddWithValue(name, value);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IndexedMessage>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand($"SELECT {Columns} FROM indexed_messages WHERE id = ANY ($1) AND content IS NOT NULL");
        command.Parameters.Add(new() { Value = ids.ToArray() });
        var found = new List<IndexedMessage>(ids.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Read(reader));
        }

        return found;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> ListAsync(Guid after, int limit, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand("SELECT id FROM indexed_messages WHERE id > $1 AND content IS NOT NULL ORDER BY id LIMIT $2");
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        var ids = new List<Guid>(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    /// <inheritdoc/>
    public bool MayBeOneEvents(Exception exception) =>
        exception is PostgresException { IsTransient: false } or not (NpgsqlException or OperationCanceledException);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task WriteAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<IndexedMessage> messages, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            INSERT INTO indexed_messages ({Columns}, sent_at, words)
            SELECT m.id, m.sender, m.recipient, m.conversation, m.timestamp, m.version, m.event_at, m.content, m.members, m.sent_at, m.words::tsvector
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
              AS m (id, sender, recipient, conversation, timestamp, version, event_at, content, members, sent_at, words)
            ON CONFLICT (id) DO UPDATE SET sender_id = excluded.sender_id, recipient_id = excluded.recipient_id, conversation_id = excluded.conversation_id,
              message_timestamp = excluded.message_timestamp, version = excluded.version, event_at = excluded.event_at, content = excluded.content,
              members = excluded.members, sent_at = excluded.sent_at, words = excluded.words
            """,
            connection,
            transaction);
        AddArray(NpgsqlDbType.Uuid, message => message.Id);
        AddArray(NpgsqlDbType.Uuid, message => message.SenderId);
        AddArray(NpgsqlDbType.Uuid, message => message.RecipientId);
        AddArray(NpgsqlDbType.Uuid, message => message.ConversationId);
        AddArray(NpgsqlDbType.Bigint, message => message.MessageTimestamp?.UtcTicks);
        AddArray(NpgsqlDbType.Bigint, message => message.Version.UtcTicks);
        AddArray(NpgsqlDbType.Bigint, message => message.EventAt.UtcTicks);
        AddArray(NpgsqlDbType.Text, message => message.Content);
        AddArray(NpgsqlDbType.Text, message => message.Members);
        AddArray(NpgsqlDbType.Bigint, message => message.SentAt.UtcTicks);
        AddArray(NpgsqlDbType.Text, message => message.Content is null ? null : TextSearch.Vector(message.Content));
        await command.ExecuteNonQueryAsync(cancellationToken);

        void AddArray<T>(NpgsqlDbType type, Func<IndexedMessage, T> value) =>
            command.Parameters.Add(new NpgsqlParameter { Value = messages.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    private static NpgsqlBatchCommand TakeTurn() => new("SELECT pg_advisory_xact_lock($1)") { Parameters = { new() { Value = WritersLock } } };

    private static IndexedMessage Read(NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), Time(reader.GetInt64(5)), Time(reader.GetInt64(6)))
        {
            SenderId = reader.GetFieldValue<Guid?>(1),
            RecipientId = reader.GetFieldValue<Guid?>(2),
            ConversationId = reader.GetFieldValue<Guid?>(3),
            MessageTimestamp = reader.GetFieldValue<long?>(4) is { } ticks ? Time(ticks) : null,
            Content = reader.IsDBNull(7) ? null : reader.GetString(7),
            Members = reader.IsDBNull(8) ? null : reader.GetString(8),
        };

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
