using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Data for tests.</summary>
internal static class Some
{
    public static Guid[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    public static BatchSendJob Batch(int recipients) =>
        new() { BatchId = Guid.NewGuid(), SenderId = Guid.NewGuid(), RecipientIds = Ids(recipients), Content = "Hello", ChunkSize = 10, ChunkDelay = 0 };

    /// <summary>One that has not been sent before its test is over, however slow the machine: half a minute.</summary>
    public static BatchSendJob LongBatch() => Batch(600) with { ChunkSize = 2, ChunkDelay = 100 };

    public static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);
}
