using System.CommandLine;
using System.Diagnostics;
using StackExchange.Redis;
using WhiteCross.Bench.Batch;

var redis = new Option<string>("--redis") { Description = "A Redis of the benchmark's own, host:port; its database 1 is emptied.", Required = true };
var recipients = new Option<int>("--recipients") { Description = "How many recipients.", DefaultValueFactory = _ => 100_000 };
recipients.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1000 or > 100_000)
    {
        result.AddError("--recipients must be from 1000 to 100000.");
    }
});
var command = new RootCommand("Measures a batch in chunks of 1000 without pauses against the bulk publish of the same jobs.") { redis, recipients };
command.SetAction(async (arguments, cancellationToken) =>
{
    var (address, count) = (arguments.GetRequiredValue(redis), arguments.GetRequiredValue(recipients));
    await using var connection = await ConnectionMultiplexer.ConnectAsync($"{address},allowAdmin=true");
    await connection.GetServers()[0].FlushDatabaseAsync(1);
    await using var service = await MeasuredService.StartAsync(address, cancellationToken);

    // Warm: code compiled, connections open, pools filled.
    await service.PublishAsync(1000, cancellationToken);
    await service.SendAsync(1000, cancellationToken);

    var watch = Stopwatch.StartNew();
    await service.PublishAsync(count, cancellationToken);
    var bulk = watch.Elapsed;
    Console.WriteLine($"{count} jobs by bulk publish: {bulk.TotalSeconds:0.0} s");

    var uploadId = await service.UploadAsync(count, cancellationToken);
    var probe = new Probe(connection.GetDatabase(1));
    watch.Restart();
    var batchId = await service.BeginAsync(uploadId, count, cancellationToken);
    await probe.WatchAsync(batchId, service.EndAsync(batchId, cancellationToken));
    var batch = watch.Elapsed;
    Console.WriteLine($"{count} recipients by a batch: {batch.TotalSeconds:0.0} s, {batch / bulk:0.00} times the bulk publish (at most 1.5)");
    Console.WriteLine($"Memory of service and sidecar together: +{probe.Growth / 1e6:0} MB at most (less than 200)");
    Console.WriteLine($"History of the workflow: {probe.LargestHistory / 1e3:0} kB at most (less than 1000)");
    return batch / bulk <= 1.5 && probe.Growth < 200e6 && probe.LargestHistory < 1e6 ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
