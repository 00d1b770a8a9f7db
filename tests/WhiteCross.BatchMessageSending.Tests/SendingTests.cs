using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

public abstract class SendingTests(Func<Ground> ground)
{
    protected static Guid[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    protected static BatchSendJob Batch(int recipients) =>
        new() { BatchId = Guid.NewGuid(), SenderId = Guid.NewGuid(), RecipientIds = Ids(recipients), Content = "Hello", ChunkSize = 10, ChunkDelay = 0 };

    private Task<BatchService> StartAsync(params (string, string)[] settings) => BatchService.StartAsync(ground(), null, settings);

    [Fact]
    public async Task Every_recipient_gets_one_message_and_the_job_ends_with_the_result()
    {
        await using var service = await StartAsync();
        var batch = Batch(25) with { Content = "Hello {{name}}", TemplateVariables = new() { ["name"] = Json.Of("all") } };
        var record = await service.RunAsync(batch);
        Assert.Null(record.Error);
        Assert.Equal(JobState.Completed, record.State);
        Assert.Equal(25, record.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(25, record.Result!.Value.GetProperty("recipientCount").GetInt32());
        Assert.Empty(record.Result!.Value.GetProperty("failedRecipients").EnumerateArray());
        Assert.Equal(25, await service.MessagesAsync());
        foreach (var recipient in batch.RecipientIds)
        {
            var message = await service.SentAsync(batch.BatchId!.Value, recipient);
            Assert.Equal((recipient, batch.SenderId, "Hello all"), (message.RecipientId, message.SenderId, message.Content));
        }
    }
}

public sealed class EmbeddedSendingTests() : SendingTests(() => new Ground());

public sealed class RedisSendingTests(RedisServer redis) : SendingTests(() => new Ground(redis));

internal static class Json
{
    public static System.Text.Json.JsonElement Of<T>(T value) => System.Text.Json.JsonSerializer.SerializeToElement(value);
}
