using System.Globalization;
using Microsoft.Data.Sqlite;

namespace WhiteCross.Bench.Store;

/// <summary>
/// Fills a store: conversations of two, 100 messages each, over two years; and one busy user, a member of every tenth. What a small store and a large one have in common is what one user
/// sees, so that the times of the two can be compared: the busy user's part is of the same size in both.
/// </summary>
internal sealed class Filling(string connectionString)
{
    private const int PerConversation = 100;
    private const int OfUser = 100;

    /// <summary>The user who is asked for.</summary>
    public Guid User { get; } = Guid.Parse("3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b");

    /// <summary>One of the user's conversations.</summary>
    public Guid Conversation { get; } = Id(1, 1);

    /// <summary>When the newest message came.</summary>
    public DateTimeOffset Newest { get; } = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public async Task FillAsync(int messages, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction();
        var step = TimeSpan.FromDays(700).TotalMilliseconds / messages;
        var conversations = messages / PerConversation;
        await using var conversation = Command(connection, transaction, "INSERT INTO conversations (id, created_at, is_ended) VALUES (@id, @at, 0)");
        await using var member = Command(connection, transaction, "INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, created_at, cleared_position) VALUES (@id, @user, 0, @at, @at, 0)");
        await using var message = Command(connection, transaction, """
            INSERT INTO messages (id, sender_id, recipient_id, conversation_id, content, encrypted, message_type, attachments, created_at, received_at)
            VALUES (@id, @sender, @recipient, @conversation, 'The results of your blood test are back, and they are fine.', 0, 'text', '[]', @at, @at)
            """);
        await using var copy = Command(connection, transaction, """
            INSERT INTO message_copies (message_id, user_id, conversation_id, position, received_at, is_own, status, sent_at)
            VALUES (@id, @user, @conversation, @position, @at, @own, @status, @at)
            """);
        for (var c = 1; c <= conversations; c++)
        {
            // The user's own are the first hundred, whatever the size of the store; their messages are spread over the whole time.
            var (id, one, other) = (Text(Id(1, c)), Text(c <= OfUser ? User : Id(2, c)), Text(Id(3, c)));
            var start = Newest.AddDays(-700).AddMilliseconds(step * c).ToUnixTimeMilliseconds();
            await RunAsync(conversation, ("@id", id), ("@at", start));
            await RunAsync(member, ("@id", id), ("@user", one), ("@at", start));
            await RunAsync(member, ("@id", id), ("@user", other), ("@at", start));
            for (var m = 0; m < PerConversation; m++)
            {
                var at = Newest.AddMilliseconds(-step * (((long)m * conversations) + conversations - c)).ToUnixTimeMilliseconds();
                var (messageId, byOne) = (Text(Id(4, ((long)c * PerConversation) + m)), m % 2 == 0);
                await RunAsync(message, ("@id", messageId), ("@sender", byOne ? one : other), ("@recipient", byOne ? other : one), ("@conversation", id), ("@at", at));
                foreach (var (user, own) in new[] { (one, byOne), (other, !byOne) })
                {
                    var position = user == Text(User) ? ((long)(PerConversation - m) * OfUser) + c : PerConversation - m;
                    await RunAsync(copy, ("@id", messageId), ("@user", user), ("@conversation", id), ("@position", position), ("@at", at), ("@own", own ? 1 : 0), ("@status", own || m > 2 ? 3 : 1));
                }
            }
        }

        await transaction.CommitAsync(cancellationToken);
        await using var analyze = connection.CreateCommand();
        analyze.CommandText = "PRAGMA optimize";
        await analyze.ExecuteNonQueryAsync(cancellationToken);

        Task RunAsync(SqliteCommand command, params ReadOnlySpan<(string Name, object Value)> values)
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

            return command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Of this program's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    // Spread as ids are that nobody has ordered, and the same at every run.
    private static Guid Id(long kind, long number)
    {
        var mixed = unchecked((ulong)number * 0x9E3779B97F4A7C15UL);
        return new Guid((uint)(mixed >> 32), (ushort)(mixed >> 16), (ushort)((mixed & 0x0FFF) | 0x4000), 0x80, (byte)kind, (byte)(number >> 40), (byte)(number >> 32), (byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number);
    }

    // As EF Core keeps them in SQLite.
    private static string Text(Guid id) => id.ToString("D").ToUpper(CultureInfo.InvariantCulture);
}
