using System.Globalization;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>
/// The service stopped and its sidecar killed, and started again, at random moments over a batch. A long run takes another seed each time; BATCH_SEED repeats one, BATCH_RECIPIENTS and BATCH_STOPS make it longer.
/// </summary>
public sealed class CrashTests(RedisServer redis)
{
    private static int Setting(string name, int byDefault) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : byDefault;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_recipient_gets_one_message_whatever_stops_when(bool onRedis)
    {
        var seed = Setting("BATCH_SEED", RandomCases.IsLong ? Random.Shared.Next() : 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"BATCH_SEED={seed}");
        var random = new Random(seed);
        var (recipients, stops) = (Setting("BATCH_RECIPIENTS", 300), Setting("BATCH_STOPS", 6));
        await using var service = await BatchService.StartAsync(new Ground(onRedis ? redis : null), null);
        var batch = Some.Batch(recipients) with { ChunkSize = Math.Max(recipients / 60, 1), ChunkDelay = 20 };
        var jobId = await service.AddAsync(batch);
        for (var stop = 0; stop < stops; stop++)
        {
            // At a place in the batch, not at a time: however fast the machine, each stop hits it while it is being sent.
            var place = random.Next(recipients * stop / stops, recipients * (stop + 1) / stops);
            await BatchService.EventuallyAsync(async () => await service.MessagesAsync() >= place ? service : null);
            if (random.Next(2) == 0)
            {
                await service.StopAppAsync();
                await service.StartAppAsync();
            }
            else
            {
                await service.KillSidecarAsync();
                await service.StartSidecarAsync();
            }
        }

        var record = await service.EndOfAsync(jobId);
        Assert.Null(record.Error);
        Assert.Equal(JobState.Completed, record.State);
        Assert.Equal(recipients, await service.MessagesAsync());
        var page = await service.ViewAsync(batch.BatchId!.Value);
        Assert.Equal((recipients, recipients), ((int)page["recipientCount"]!, (int)page["processedCount"]!));
    }
}
