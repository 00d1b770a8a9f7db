using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>A database of the schema before members and copies, with what clinics had in it.</summary>
public sealed class MigrationFromParticipantsTests(PostgresServer postgres)
{
    private const string Nurse = "11111111-1111-4111-8111-111111111111";
    private const string Ann = "22222222-2222-4222-8222-222222222222";
    private const string Bob = "33333333-3333-4333-8333-33333333333A";
    private const string Shared = "CCCCCCCC-CCCC-4CCC-8CCC-CCCCCCCCCCCC";
    private const string Deleted = "DDDDDDDD-DDDD-4DDD-8DDD-DDDDDDDDDDDD";

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Keeps_what_is_there__and_makes_nobody_a_member_of_what_others_say(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        await using (var before = Open(kind, database.ConnectionString))
        {
            await before.GetService<IMigrator>().MigrateAsync(
                kind == DatabaseKind.Sqlite ? "20261124123411_AddConversationsAndAttachments" : "20261130063026_KeepAttachmentContents", TestContext.Current.CancellationToken);
            await FillAsync(before, kind);
        }

        await using var service = await DeliveryService.StartAsync(database.ConnectionString);

        var withAnn = Assert.Single(await ConversationsAsync(service, Ann));
        var withBob = Assert.Single(await ConversationsAsync(service, Bob));
        Assert.Equal(Guid.Parse(Shared), withAnn.ConversationId);
        Assert.NotEqual(withAnn.ConversationId, withBob.ConversationId);
        Assert.Equal(new[] { Guid.Parse(Nurse), Guid.Parse(Bob) }.Order(), withBob.Participants);
        Assert.Equal(2, (await ConversationsAsync(service, Nurse)).Count);

        Assert.Equal(["to Ann", "from Ann"], (await MessagesAsync(service, withAnn.ConversationId, Ann)).OrderBy(message => message.Position).Select(message => message.Content));
        Assert.Equal(["to Bob"], (await MessagesAsync(service, withBob.ConversationId, Bob)).Select(message => message.Content));
        Assert.Equal(["to Ann", "to Bob", "from Ann"],
            (await MessagesAsync(service, withAnn.ConversationId, Nurse)).Concat(await MessagesAsync(service, withBob.ConversationId, Nurse))
                .OrderBy(message => message.Position).Select(message => message.Content));

        var read = (await service.StoredAsync(Id(1)))!;
        Assert.Equal((MessageStatus.Read, Time(1), Time(2), Time(3)), (read.Status, read.ReceivedAt, read.DeliveredAt, read.ReadAt));
        var failed = (await service.StoredAsync(Id(4)))!;
        Assert.Equal((MessageStatus.Failed, "gone"), (failed.Status, failed.FailureReason));
        Assert.InRange(failed.ReceivedAt, DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(200));
        Assert.Equal(1970, failed.CreatedAt.Year);

        var answer = Some.Message() with { SenderId = Guid.Parse(Bob), RecipientId = Guid.Parse(Nurse), ConversationId = withBob.ConversationId };
        Assert.IsType<Jobs.JobOutcome.Completed>(await service.SendAsync(answer));
        Assert.Equal(2, (await MessagesAsync(service, withBob.ConversationId, Bob)).Count);
    }

    private static Guid Id(int number) => Guid.Parse($"00000000-0000-4000-8000-00000000000{number}");

    private static DateTimeOffset Time(int minutes) => new(2026, 2, 3, 4, minutes, 0, TimeSpan.Zero);

    private static MessagesDbContext Open(DatabaseKind kind, string connection) => kind == DatabaseKind.Sqlite
        ? new SqliteMessagesDbContext(new DbContextOptionsBuilder<SqliteMessagesDbContext>().UseSqlite(connection).Options)
        : new PostgresMessagesDbContext(new DbContextOptionsBuilder<PostgresMessagesDbContext>().UseNpgsql(connection).Options);

    private static async Task FillAsync(MessagesDbContext database, DatabaseKind kind)
    {
        await ConversationAsync(Shared, Nurse, Ann, deleted: false);
        await ConversationAsync(Deleted, Nurse, Ann, deleted: true);
        await MessageAsync(1, Nurse, Ann, Shared, "to Ann", MessageStatus.Read, Time(1), Time(2), Time(3));
        await MessageAsync(2, Nurse, Bob, Shared, "to Bob", MessageStatus.Sent, Time(4), null, null);
        await MessageAsync(3, Ann, Nurse, Shared, "from Ann", MessageStatus.Sent, Time(5), null, null);
        await MessageAsync(4, Nurse, Ann, Deleted, "deleted", MessageStatus.Failed, null, null, null);

        Task ConversationAsync(string id, string a, string b, bool deleted) => RunAsync(
            "INSERT INTO conversations (id, participant_a, participant_b, created_at, deleted_at) VALUES ({0}, {1}, {2}, {3}, {4})",
            Guid.Parse(id), Guid.Parse(a), Guid.Parse(b), Stored(Time(0)), deleted ? Stored(Time(9)) : DBNull.Value);

        Task MessageAsync(
            int number, string sender, string recipient, string conversation, string content, MessageStatus status, DateTimeOffset? sent, DateTimeOffset? delivered, DateTimeOffset? read) => RunAsync(
            """
            INSERT INTO messages (id, sender_id, recipient_id, conversation_id, content, encrypted, message_type, attachments, created_at, status, sent_at, delivered_at, read_at, failure_reason)
            VALUES ({0}, {1}, {2}, {3}, {4}, {5}, 'text', {6}, {7}, {8}, {9}, {10}, {11}, {12})
            """,
            Id(number), Guid.Parse(sender), Guid.Parse(recipient), Guid.Parse(conversation), content, false, kind == DatabaseKind.Sqlite ? "[]" : Array.Empty<string>(),
            Stored(DateTimeOffset.UnixEpoch), (int)status, StoredOrNull(sent), StoredOrNull(delivered), StoredOrNull(read), status == MessageStatus.Failed ? "gone" : DBNull.Value);

        object Stored(DateTimeOffset time) => kind == DatabaseKind.Sqlite ? time.ToUnixTimeMilliseconds() : time;
        object StoredOrNull(DateTimeOffset? time) => time is { } at ? Stored(at) : DBNull.Value;

        async Task RunAsync(string sql, params object[] values)
        {
            await using var connection = database.Database.GetDbConnection().GetType() == typeof(Npgsql.NpgsqlConnection)
                ? (System.Data.Common.DbConnection)new Npgsql.NpgsqlConnection(database.Database.GetConnectionString())
                : new Microsoft.Data.Sqlite.SqliteConnection(database.Database.GetConnectionString());
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own statements; values are parameters.
            command.CommandText = string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, [.. values.Select((_, i) => $"@p{i}")]);
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@p{i}";
                parameter.Value = values[i];
                command.Parameters.Add(parameter);
            }

            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<IReadOnlyList<ConversationView>> ConversationsAsync(DeliveryService service, string user) =>
        (await service.Http.GetFromJsonAsync<ConversationPage>($"/conversations?userId={user}", TestContext.Current.CancellationToken))!.Conversations;

    private static async Task<IReadOnlyList<MessageView>> MessagesAsync(DeliveryService service, Guid conversation, string user) =>
        (await service.Http.GetFromJsonAsync<MessagePage>($"/conversations/{conversation}/messages?userId={user}", TestContext.Current.CancellationToken))!.Messages;
}
