using CsCheck;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class MessageStatusOnSqliteTests(PostgresServer postgres) : MessageStatusTests(DatabaseKind.Sqlite, postgres);

public sealed class MessageStatusOnPostgresTests(PostgresServer postgres) : MessageStatusTests(DatabaseKind.Postgres, postgres);

public abstract class MessageStatusTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private static readonly Gen<MessageStatus[]> Moves = Gen.Int[1, 5].Select(number => (MessageStatus)number).Array[1, 8];

    /// <summary>The rule in plain words, written down a second time: what may follow what.</summary>
    private static readonly Dictionary<MessageStatus, MessageStatus[]> Followers = new()
    {
        [MessageStatus.Pending] = [MessageStatus.Sent, MessageStatus.Delivered, MessageStatus.Read, MessageStatus.Failed],
        [MessageStatus.Sent] = [MessageStatus.Delivered, MessageStatus.Read, MessageStatus.Failed],
        [MessageStatus.Delivered] = [MessageStatus.Read],
        [MessageStatus.Read] = [],
        [MessageStatus.Failed] = [],
    };

    [Fact]
    public async Task Any_moves_one_after_the_other__follow_the_way() =>
        await Moves.SampleAsync(
            async moves =>
            {
                var id = await StoreAsync();
                var expected = MessageStatus.Pending;
                foreach (var to in moves)
                {
                    var isAllowed = Followers[expected].Contains(to);
                    var move = await Service.MoveAsync(id, to, "why");
                    expected = isAllowed ? to : expected;
                    Assert.Equal((isAllowed, expected), (move.Result == StatusMoveResult.Moved, move.Status));
                }

                await AssertTimesFitAsync(id, expected);
            },
            iter: RandomCases.Count(60));

    [Fact]
    public async Task Any_moves_at_once__none_is_lost__none_goes_back() =>
        await Moves.SampleAsync(
            async moves =>
            {
                var id = await StoreAsync();

                var results = await Task.WhenAll(moves.Select(to => Task.Run(async () => (To: to, (await Service.MoveAsync(id, to, "why")).Result))));

                // Those that moved it make a way from pending to where it is now; every other one found the way closed.
                var moved = results.Where(result => result.Result == StatusMoveResult.Moved).Select(result => result.To).Order().ToList();
                var at = MessageStatus.Pending;
                foreach (var to in moved)
                {
                    Assert.Contains(to, Followers[at]);
                    at = to;
                }

                Assert.DoesNotContain(moves, to => Followers[at].Contains(to));
                await AssertTimesFitAsync(id, at);
            },
            iter: RandomCases.Count(60));

    [Fact]
    public async Task Move__says_why_it_did_not()
    {
        var id = await StoreAsync();
        await Service.MoveAsync(id, MessageStatus.Delivered);

        Assert.Equal(StatusMoveResult.Reached, (await Service.MoveAsync(id, MessageStatus.Sent)).Result);
        Assert.Equal(StatusMoveResult.Reached, (await Service.MoveAsync(id, MessageStatus.Delivered)).Result);
        Assert.Equal(StatusMoveResult.Refused, (await Service.MoveAsync(id, MessageStatus.Failed)).Result);
        Assert.Equal(StatusMoveResult.NotFound, (await Service.MoveAsync(Guid.NewGuid(), MessageStatus.Read)).Result);
    }

    private async Task<Guid> StoreAsync()
    {
        var id = Guid.NewGuid();
        await Service.StoreAsync(new Message
        {
            Id = id,
            SenderId = Guid.NewGuid(),
            RecipientId = Guid.NewGuid(),
            ConversationId = Guid.NewGuid(),
            Content = "Hello",
            Encrypted = false,
            MessageType = "text",
            Attachments = [],
            CreatedAt = DeliveryService.Start,
            ReceivedAt = DeliveryService.Start,
        });
        return id;
    }

    private async Task AssertTimesFitAsync(Guid id, MessageStatus expected)
    {
        var message = (await Service.StoredAsync(id))!;
        Assert.Equal(expected, message.Status);
        Assert.Equal(expected is MessageStatus.Delivered or MessageStatus.Read, message.DeliveredAt is not null);
        Assert.Equal(expected is MessageStatus.Read, message.ReadAt is not null);
        Assert.Equal(expected is MessageStatus.Failed ? "why" : null, message.FailureReason);
        Assert.True(expected is MessageStatus.Pending or MessageStatus.Failed || message.SentAt is not null);
    }
}
