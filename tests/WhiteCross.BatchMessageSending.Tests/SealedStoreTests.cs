using Dapr.Client;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>What the state store has of batches.</summary>
public sealed class SealedStoreTests
{
    internal const string Keys = """{ "current": "a", "keys": { "a": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" } }""";

    private static CancellationToken Cancellation => BatchService.Cancellation;

    [Fact]
    public async Task Batches_recipients_and_uploads__rest_sealed__those_from_before_are_read_as_they_are()
    {
        var ground = new Ground();
        var (id, old, block) = (Guid.NewGuid(), Guid.NewGuid(), new[] { new BatchRecipient { RecipientId = Guid.NewGuid(), Content = "only for Jane Roe" } });
        await using (var before = await BatchService.StartAsync(ground, null))
        {
            await before.Services.GetRequiredService<BatchStore>().SaveBlockAsync(old, 0, block, BatchStatus.Sending, Cancellation);
        }

        await using (var service = await BatchService.StartAsync(ground, null, (SealingKeys.Setting, Keys)))
        {
            var (store, dapr) = (service.Services.GetRequiredService<BatchStore>(), service.Services.GetRequiredService<DaprClient>());
            await store.SaveAsync(Batch(id), Cancellation);
            await store.SaveBlockAsync(id, 0, block, BatchStatus.Sending, Cancellation);
            await store.SaveUploadBlockAsync(id, 0, block, Cancellation);

            foreach (var key in new[] { $"batch:{id}", $"batch:{id}:0", $"upload:{id}:0" })
            {
                var resting = await dapr.GetStateAsync<string>("statestore", key, cancellationToken: Cancellation);
                Assert.StartsWith("wcs1.a.", resting, StringComparison.Ordinal);
            }

            Assert.Equal("Dear {{name}}", (await store.FindAsync(id, Cancellation))!.Template);
            Assert.Equal(block, await store.GetBlockAsync(id, 0, Cancellation));
            Assert.Equal(block, await store.FindUploadBlockAsync(id, 0, Cancellation));
            Assert.Equal(block, await store.GetBlockAsync(old, 0, Cancellation));
        }

        await using var without = await BatchService.StartAsync(ground, null);
        using var answer = await without.Client.GetAsync(new Uri($"/batches/{id}", UriKind.Relative), Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(SealingKeys.Setting, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static Batch Batch(Guid id) => new()
    {
        BatchId = id,
        JobId = "j",
        SenderId = Guid.NewGuid(),
        Template = "Dear {{name}}",
        ChunkSize = 10,
        ChunkDelay = 0,
        StartedAt = DateTimeOffset.UnixEpoch,
        Blocks = [1],
    };
}
