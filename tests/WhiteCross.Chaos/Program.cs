using System.CommandLine;
using WhiteCross.Chaos;
using WhiteCross.Chaos.Running;
using WhiteCross.Chaos.Worker;

if (args is ["worker"])
{
    await ChaosWorkerApp.Create([]).RunAsync();
    return 0;
}

var seed = new Option<int?>("--seed") { Description = "Which faults hit whom and when, and which jobs there are; left out: a new one." };
var minutes = new Option<double>("--minutes") { Description = "How long faults go on.", DefaultValueFactory = _ => 5 };
var keep = new Option<string?>("--keep") { Description = "A folder for the processes' logs and the histories, where something is violated." };
var root = new RootCommand("Jobs flow while processes are killed and frozen, Redis restarts, and events are doubled and lost; then what happened is checked.") { seed, minutes, keep };
root.SetAction(async (arguments, cancellationToken) =>
{
    var options = ChaosOptions.ForMinutes(arguments.GetValue(seed) ?? Random.Shared.Next(), TimeSpan.FromMinutes(arguments.GetValue(minutes))) with { Keep = arguments.GetValue(keep) };
    var report = await ChaosRun.RunAsync(options, Console.Out, cancellationToken);
    await Console.Out.WriteLineAsync(report.ToString());
    return report.Violations.Count == 0 ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
