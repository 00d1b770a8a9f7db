using System.CommandLine;
using System.Diagnostics;
using StackExchange.Redis;
using WhiteCross.Bench.Batch;

// Of the benchmark's own: its database 1 is emptied. bench/with-redis starts one.
var address = $"{Environment.GetEnvironmentVariable("BENCH_REDIS_HOST") ?? "127.0.0.1"}:{Environment.GetEnvironmentVariable("BENCH_REDIS_PORT") ?? "6392"}";
const int Rounds = 3;
var recipients = new Option<int>("--recipients") { Description = "How many recipients.", DefaultValueFactory = _ => 100_000 };
recipients.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1000 or > 100_000)
    {
        result.AddError("--recipients must be from 1000 to 100000.");
    }
});
var command = new RootCommand("Measures a batch in chunks of 1000 without pauses, with the default settings, against the bulk publish of the same jobs.") { recipients };
command.SetAction(async (arguments, cancellationToken) =>
{
    var count = arguments.GetRequiredValue(recipients);
    await using var connection = await ConnectionMultiplexer.ConnectAsync($"{address},allowAdmin=true");
    await connection.GetServers()[0].FlushDatabaseAsync(1);
    await using var service = await MeasuredService.StartAsync(address, cancellationToken);

    // Warm: code compiled, connections open, pools filled.
    await service.PublishAsync(count / 5, cancellationToken);
    await service.SendAsync(count / 5, cancellationToken);

    var probe = new Probe(connection.GetDatabase(1));
    List<double> batches = [], bulks = [];
    for (var round = 0; round < Rounds; round++)
    {
        var uploadId = await service.UploadAsync(count, cancellationToken);
        batches.Add(await MeasureAsync(async () =>
        {
            var batchId = await service.BeginAsync(uploadId, count, cancellationToken);
            await probe.WatchAsync(batchId, service.EndAsync(batchId, cancellationToken));
        }));
        bulks.Add(await MeasureAsync(() => service.PublishAsync(count, cancellationToken)));
    }

    var (batch, bulk) = (batches.Order().ElementAt(Rounds / 2), bulks.Order().ElementAt(Rounds / 2));
    Console.WriteLine($"{count} recipients, medians of {Rounds}: a batch takes {batch / bulk:0.00} times as long as the bulk publish of its jobs (at most 1.5)");
    Console.WriteLine($"Memory of service and sidecar together: +{probe.Growth / 1e6:0} MB at most (less than 200)");
    Console.WriteLine($"History of the workflow: {probe.LargestHistory / 1e3:0} kB at most (less than 1000)");
    return batch / bulk <= 1.5 && probe.Growth < 200e6 && probe.LargestHistory < 1e6 ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();

static async Task<double> MeasureAsync(Func<Task> work)
{
    var since = Stopwatch.GetTimestamp();
    await work();
    return Stopwatch.GetElapsedTime(since).TotalSeconds;
}
