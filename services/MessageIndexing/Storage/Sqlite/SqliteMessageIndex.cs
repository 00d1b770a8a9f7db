using System.Globalization;
using Microsoft.Data.Sqlite;

namespace WhiteCross.MessageIndexing;

/// <summary>The index on SQLite: FTS5, in WAL mode, so that searches go on while something is written.</summary>
/// <param name="connectionString">The database.</param>
internal sealed class SqliteMessageIndex(string connectionString) : IMessageIndex
{
    private const int SqliteError = 1;
    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;

    /// <inheritdoc/>
    public async Task UpgradeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL", null, cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        var version = Convert.ToInt32(await connection.Command("PRAGMA user_version", transaction).ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
        foreach (var (number, sql) in SchemaScripts.After("Sqlite", version))
        {
            await ExecuteAsync(connection, $"{sql}\nPRAGMA user_version = {number.ToString(CultureInfo.InvariantCulture)}", transaction, cancellationToken);
        }

        await MakeWordsAsync(connection, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // What another version made of the texts would not be found by what this one makes of queries.
    private static async Task MakeWordsAsync(SqliteConnection connection, SqliteTransaction transaction, CancellationToken cancellationToken)
    {
        var made = await connection.Command("SELECT max(version) FROM text_version", transaction).ExecuteScalarAsync(cancellationToken);
        if (made is long version && version == Words.Version)
        {
            return;
        }

        await ExecuteAsync(connection, "INSERT INTO message_words (message_words) VALUES ('delete-all')", transaction, cancellationToken);
        await using (var writing = new SqliteIndexWriting(connection, transaction))
        await using (var reading = connection.Command("SELECT key, content FROM indexed_messages WHERE content IS NOT NULL", transaction))
        await using (var reader = await reading.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                await writing.AddWordsAsync(reader.GetInt64(0), reader.GetString(1), cancellationToken);
            }
        }

        await ExecuteAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM text_version; INSERT INTO text_version (version) VALUES ({Words.Version})"), transaction, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "SELECT 1 FROM indexed_messages LIMIT 1", null, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IndexEffect>> ApplyAsync(IReadOnlyList<IndexEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);

        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        await using var writing = new SqliteIndexWriting(connection, transaction);
        var stored = new Dictionary<Guid, IndexedMessage>(events.Count);
        foreach (var id in events.Select(happened => happened.MessageId).Distinct())
        {
            if (await writing.FindAsync(id, cancellationToken) is { } message)
            {
                stored.Add(id, message);
            }
        }

        var plan = new IndexPlan(stored, events);
        var keys = new List<long>(plan.Changes.Count);
        foreach (var message in plan.Changes)
        {
            keys.Add(await writing.WriteAsync(message, cancellationToken));
        }

        // Only when all messages are written: FTS5 flushes what it has gathered before each statement that writes elsewhere.
        foreach (var (key, message) in keys.Zip(plan.Changes))
        {
            await writing.WriteWordsAsync(key, message, stored.GetValueOrDefault(message.Id), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return plan.Effects;
    }

    /// <inheritdoc/>
    public async Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);

        await using var connection = await OpenAsync(cancellationToken);
        await using var command = connection.Command(
            $"""
            WITH hits AS MATERIALIZED (
              SELECT m.key, m.id, m.sent_at, {(request.ByTime ? "0.0" : "-bm25(message_words)")} AS score
              FROM message_words JOIN indexed_messages m ON m.key = message_words.rowid
              WHERE message_words MATCH @query AND (m.sender_id = @user OR m.recipient_id = @user OR instr(m.members, @member) > 0)
              {(request.ConversationId is null ? "" : "AND m.conversation_id = @conversation")}
              {(request.From is null ? "" : "AND m.sent_at >= @from")}
              {(request.To is null ? "" : "AND m.sent_at <= @to")}
            ), page AS (
              SELECT key, score FROM hits
              {(request.After is null ? "" : "WHERE (score, sent_at, id) < (coalesce((SELECT score FROM hits WHERE id = @after), @score), @sentAt, @after)")}
              ORDER BY score DESC, sent_at DESC, id DESC LIMIT @limit
            )
            SELECT {SqliteIndexWriting.Columns}, page.score FROM page JOIN indexed_messages USING (key)
            ORDER BY page.score DESC, sent_at DESC, id DESC
            """);
        command.Parameters.AddWithValue("@query", FtsQuery.Of(request.Query));
        command.Parameters.AddWithValue("@user", request.UserId.ToStored());
        command.Parameters.AddWithValue("@member", request.UserId.ToString("D"));
        command.Parameters.AddWithValue("@conversation", request.ConversationId.ToStored());
        command.Parameters.AddWithValue("@from", request.From.ToStored());
        command.Parameters.AddWithValue("@to", request.To.ToStored());
        command.Parameters.AddWithValue("@score", request.After?.Score ?? 0);
        command.Parameters.AddWithValue("@sentAt", request.After?.SentAt.UtcTicks ?? 0);
        command.Parameters.AddWithValue("@after", (request.After?.Id).ToStored());
        command.Parameters.AddWithValue("@limit", request.Limit + 1);

        var hits = new List<SearchHit>(request.Limit + 1);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            hits.Add(new SearchHit(SqliteIndexWriting.Read(reader), reader.GetDouble(SqliteIndexWriting.ColumnCount)));
        }

        return SearchPage.Of(hits, request.Limit);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IndexedMessage>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);

        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: true);
        await using var writing = new SqliteIndexWriting(connection, transaction);
        var found = new List<IndexedMessage>(ids.Count);
        foreach (var id in ids)
        {
            if (await writing.FindAsync(id, cancellationToken) is { Content: not null } message)
            {
                found.Add(message);
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> ListAsync(Guid after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT id FROM indexed_messages WHERE id > @after AND content IS NOT NULL ORDER BY id LIMIT @limit");
        command.Parameters.AddWithValue("@after", after.ToStored());
        command.Parameters.AddWithValue("@limit", limit);
        var ids = new List<Guid>(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.FindId(0)!.Value);
        }

        return ids;
    }

    /// <inheritdoc/>
    public bool MayBeOneEvents(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: SqliteError or SqliteTooBig or SqliteConstraint } or not (SqliteException or OperationCanceledException);

    private async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql, SqliteTransaction? transaction, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(sql, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
