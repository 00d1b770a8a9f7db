using System.CommandLine;
using System.Globalization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary>What several commands take.</summary>
internal static class Arguments
{
    public static Argument<string> JobId() => new("id") { Description = "The job's id." };

    public static Argument<string> Queue() => WithQueues(new Argument<string>("queue") { HelpName = "queue", Description = "The queue's name." });

    public static Argument<string?> OptionalQueue() =>
        WithQueues(new Argument<string?>("queue") { HelpName = "queue", Description = "The queue's name. Default: all queues.", Arity = ArgumentArity.ZeroOrOne });

    public static Option<string?> QueueOption(string description = "The job's queue. Default: whichever has a job of that id.")
    {
        var option = new Option<string?>("--queue") { Description = description, HelpName = "queue" };
        option.CompletionSources.Add([.. JobQueues.All.Select(queue => queue.Name)]);
        return option;
    }

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask. Required where there is no terminal to ask on." };

    public static Option<bool> Watch(string description) => new("--watch", "-w") { Description = description };

    public static Option<int> Limit() => Positive("--limit", 50, 1000, "How many on a page: 1 to 1000.");

    public static Option<int> Page() => Positive("--page", 1, 100_000, "Which page, from 1.");

    /// <summary>A whole number from 1 to a limit.</summary>
    public static Option<int> Positive(string name, int byDefault, int most, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => byDefault,
        HelpName = "number",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens is [var token] ? token.Value : string.Empty, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= 1 && number <= most)
            {
                return number;
            }

            result.AddError($"{name} must be a whole number between 1 and {most}.");
            return byDefault;
        },
    };

    /// <summary>A span of time such as <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>24h</c> or <c>7d</c>.</summary>
    public static Option<TimeSpan?> Span(string name, string description) => new(name)
    {
        Description = $"{description} Such as 500ms, 30s, 5m, 24h or 7d.",
        HelpName = "span",
        CustomParser = result =>
        {
            if (Spans.TryParse(result.Tokens is [var token] ? token.Value : string.Empty, out var span))
            {
                return span;
            }

            result.AddError($"{name} must be a span such as 500ms, 30s, 5m, 24h or 7d.");
            return null;
        },
    };

    /// <summary>A time with its offset: without one it would mean whatever zone this machine happens to be in.</summary>
    public static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = $"{description} Such as 2026-01-31T08:00:00Z.",
        HelpName = "time",
        CustomParser = result =>
        {
            if (Rfc3339.TryParse(result.Tokens is [var token] ? token.Value : string.Empty, out var time))
            {
                return time;
            }

            result.AddError($"{name} {Rfc3339.Rule}.");
            return null;
        },
    };

    /// <summary>A word that is one of an enum's; null: none was given.</summary>
    public static T? Word<T>(string? text)
        where T : struct, Enum => text is null ? null : Enum.Parse<T>(text, ignoreCase: true);

    private static Argument<T> WithQueues<T>(Argument<T> argument)
    {
        argument.CompletionSources.Add([.. JobQueues.All.Select(queue => queue.Name)]);
        return argument;
    }
}
