using Microsoft.Data.Sqlite;

namespace WhiteCross.MessageIndexing;

/// <summary>The statements of one transaction, prepared once for all its messages.</summary>
internal sealed class SqliteIndexWriting : IAsyncDisposable
{
    public const string Columns = "id, sender_id, recipient_id, conversation_id, message_timestamp, version, event_at, content, members";
    public const int ColumnCount = 9;

    private readonly SqliteCommand _find;
    private readonly SqliteCommand _write;
    private readonly SqliteCommand _removeWords;
    private readonly SqliteCommand _addWords;

    public SqliteIndexWriting(SqliteConnection connection, SqliteTransaction transaction)
    {
        _find = connection.Command($"SELECT {Columns} FROM indexed_messages WHERE id = @id", transaction);
        _write = connection.Command(
            $"""
            INSERT INTO indexed_messages ({Columns}, sent_at)
            VALUES (@id, @sender, @recipient, @conversation, @timestamp, @version, @eventAt, @content, @members, @sentAt)
            ON CONFLICT (id) DO UPDATE SET sender_id = excluded.sender_id, recipient_id = excluded.recipient_id, conversation_id = excluded.conversation_id,
              message_timestamp = excluded.message_timestamp, version = excluded.version, event_at = excluded.event_at, content = excluded.content,
              members = excluded.members, sent_at = excluded.sent_at
            RETURNING key
            """,
            transaction);
        _removeWords = connection.Command("DELETE FROM message_words WHERE rowid = @key", transaction);
        _addWords = connection.Command("INSERT INTO message_words (rowid, stems, words) VALUES (@key, @stems, @words)", transaction);
    }

    public async Task<IndexedMessage?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        Set(_find, ("@id", id.ToStored()));
        await using var reader = await _find.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Writes a message, without its words.</summary>
    /// <returns>The key that its words go by.</returns>
    public async Task<long> WriteAsync(IndexedMessage message, CancellationToken cancellationToken)
    {
        Set(
            _write,
            ("@id", message.Id.ToStored()),
            ("@sender", message.SenderId.ToStored()),
            ("@recipient", message.RecipientId.ToStored()),
            ("@conversation", message.ConversationId.ToStored()),
            ("@timestamp", message.MessageTimestamp.ToStored()),
            ("@version", message.Version.UtcTicks),
            ("@eventAt", message.EventAt.UtcTicks),
            ("@content", message.Content ?? (object)DBNull.Value),
            ("@members", message.Members ?? (object)DBNull.Value),
            ("@sentAt", message.SentAt.UtcTicks));
        return (long)(await _write.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Writes a message's words, where they are others than before.</summary>
    public async Task WriteWordsAsync(long key, IndexedMessage message, IndexedMessage? before, CancellationToken cancellationToken)
    {
        if (message.Content == before?.Content)
        {
            return;
        }

        if (before?.Content is not null)
        {
            Set(_removeWords, ("@key", key));
            await _removeWords.ExecuteNonQueryAsync(cancellationToken);
        }

        await AddWordsAsync(key, message.Content, cancellationToken);
    }

    /// <summary>Adds the words of a message that has none.</summary>
    public async Task AddWordsAsync(long key, string? content, CancellationToken cancellationToken)
    {
        if (content is not null)
        {
            var words = Words.Of(content);
            Set(_addWords, ("@key", key), ("@stems", string.Join(' ', words.Select(word => word.Stem))), ("@words", string.Join(' ', words.Select(word => word.Text))));
            await _addWords.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Reads <see cref="Columns"/>.</summary>
    public static IndexedMessage Read(SqliteDataReader reader) =>
        new(reader.FindId(0)!.Value, reader.FindTime(5)!.Value, reader.FindTime(6)!.Value)
        {
            SenderId = reader.FindId(1),
            RecipientId = reader.FindId(2),
            ConversationId = reader.FindId(3),
            MessageTimestamp = reader.FindTime(4),
            Content = reader.IsDBNull(7) ? null : reader.GetString(7),
            Members = reader.IsDBNull(8) ? null : reader.GetString(8),
        };

    public async ValueTask DisposeAsync()
    {
        await _find.DisposeAsync();
        await _write.DisposeAsync();
        await _removeWords.DisposeAsync();
        await _addWords.DisposeAsync();
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<(string Name, object Value)> values)
    {
        foreach (var (name, value) in values)
        {
            if (command.Parameters.Contains(name))
            {
                command.Parameters[name].Value = value;
            }
            else
            {
                command.Parameters.AddWithValue(name, value);
            }
        }
    }
}
