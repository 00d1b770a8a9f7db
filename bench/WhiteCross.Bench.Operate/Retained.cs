using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Bench.Queue;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Bench.Operate;

/// <summary>Ended jobs on record, spread over the queues: four of five completed, the others failed for a handful of reasons.</summary>
internal static class Retained
{
    private const int Slice = 500;

    private static readonly byte[] Data = JsonSerializer.SerializeToUtf8Bytes(new { content = new string('x', 400) });

    public static IReadOnlyList<(string Queue, double Share)> Shares { get; } =
        [.. JobQueues.All.Select(queue => (queue.Name, queue.Name == BenchApp.Queue ? 0.5 : 0.1))];

    public static (int Completed, int Failed) Split(int count) => (count - (count / 5), count / 5);

    public static async Task PutAsync(ConnectionMultiplexer connection, int count, CancellationToken cancellationToken)
    {
        var store = new RedisJobStore(connection, 1, _ => new QueueOptions { KeepCompleted = count, KeepFailed = count });
        foreach (var (queue, share) in Shares)
        {
            var (completed, failed) = Split((int)(count * share));
            for (var from = 0; from < completed + failed; from += Slice)
            {
                // Every fifth failed, so that failed and completed ones lie among each other in time.
                var ids = Enumerable.Range(from, Math.Min(Slice, completed + failed - from)).ToList();
                await EndAsync(store, queue, [.. ids.Where(id => id % 5 != 0)], hasFailed: false, cancellationToken);
                await EndAsync(store, queue, [.. ids.Where(id => id % 5 == 0)], hasFailed: true, cancellationToken);
            }
        }
    }

    private static async Task EndAsync(RedisJobStore store, string queue, List<int> numbers, bool hasFailed, CancellationToken cancellationToken)
    {
        string[] ids = [.. numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"retained-{number:000000}"))];
        await store.AddAsync(queue, [.. ids.Select(id => new NewJob { JobId = id, Type = JobTypes.SendMessage, Data = Data })], cancellationToken);
        var begun = await store.BeginAsync(queue, [.. ids.Select(id => new BeginRequest(id))], cancellationToken);
        await store.FinishAsync(
            queue,
            [.. begun.Select((run, i) => new RunEnd(run.Run!.Key, hasFailed ? RunEndKind.Failed : RunEndKind.Completed) { Error = hasFailed ? ErrorOf(numbers[i]) : null })],
            cancellationToken);
        if (hasFailed)
        {
            await store.ConfirmDeadLettersAsync(queue, ids, cancellationToken);
        }
    }

    private static JobError ErrorOf(int number) => new(
        number % 5000 == 0 ? "The diskette is full." : number % 2 == 0 ? $"The mailbox {number} is full." : "The server did not answer in time.",
        Stack: string.Join('\n', Enumerable.Repeat("   at Some.Service.SendAsync(Message message) in Service.cs:line 42", 10)));
}
