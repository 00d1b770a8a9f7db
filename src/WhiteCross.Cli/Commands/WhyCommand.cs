using System.CommandLine;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc why</c>: what keeps a job from running.</summary>
internal static class WhyCommand
{
    public static Command Create(CommandRunner runner)
    {
        var id = Arguments.JobId();
        var queue = Arguments.QueueOption();
        return runner.Handle(new Command("why", "Tells why a job does not run: paused by whom, no worker, due when, postponed why.") { id, queue }, async (session, arguments, cancellationToken) =>
        {
            var found = await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken);
            var why = await session.Gateway.GetAsync($"{found.Path}/why", cancellationToken);
            session.Screen.Answer(why, () => string.Join('\n', why["reasons"]!.AsArray().Select(reason => Sentence(reason!, session.Now))));
            return ExitCodes.Ok;
        });
    }

    private static string Sentence(JsonNode reason, DateTimeOffset now)
    {
        string? Told(string name) => reason[name] is JsonValue value && Rfc3339.TryParse(value.GetValue<string>(), out var time) ? Texts.Relative(time, now) : null;
        var times = string.Join(", ", new[] { Told("since") is { } since ? $"since {since}" : null, Told("until") is { } until ? $"until {until}" : null }.OfType<string>());
        return $"{reason["code"]!.GetValue<string>()}: {reason["text"]!.GetValue<string>()}{(times.Length > 0 ? $" ({times})" : string.Empty)}";
    }
}
