using System.CommandLine;
using WhiteCross.Bench.Operate;

var retained = Number("--retained", 100_000, "How many ended jobs are on record.", 1000, 1_000_000);
var backlog = Number("--backlog", 20_000, "How many jobs a round of the throughput works off.", 1000, 1_000_000);
var rounds = Number("--rounds", 7, "How many rounds with and without a dashboard.", 1, 100);
var seconds = Number("--seconds", 30, "For how long the overview is watched.", 5, 600);
var only = new Option<string?>("--only") { Description = "Measure only this: overview, pages or throughput." };
only.AcceptOnlyFromAmong("overview", "pages", "throughput");
var command = new RootCommand("Measures the dashboard on a queue that keeps many jobs, and what it costs the queue.") { retained, backlog, rounds, seconds, only };
command.SetAction((arguments, cancellationToken) => Measuring.RunAsync(
    new Settings(
        arguments.GetRequiredValue(retained), arguments.GetRequiredValue(backlog), arguments.GetRequiredValue(rounds), arguments.GetRequiredValue(seconds), arguments.GetValue(only)),
    cancellationToken));
return await command.Parse(args).InvokeAsync();

static Option<int> Number(string name, int byDefault, string description, int least, int most)
{
    var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => byDefault };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
        {
            result.AddError($"{name} must be from {least} to {most}.");
        }
    });
    return option;
}
