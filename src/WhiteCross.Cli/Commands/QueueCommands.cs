using System.CommandLine;
using WhiteCross.Cli.Output;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc pause</c>, <c>wc resume</c>, <c>wc clean</c>: controlling a queue.</summary>
internal static class QueueCommands
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromDays(1);

    public static Command CreatePause(CommandRunner runner) =>
        Create(runner, "pause", "Pauses a queue: what runs goes on, nothing else begins. Jobs can still be added.", "is paused.");

    public static Command CreateResume(CommandRunner runner) => Create(runner, "resume", "Resumes a paused queue.", "is running.");

    public static Command CreateClean(CommandRunner runner)
    {
        var (queue, yes) = (Arguments.Queue(), Arguments.Yes());
        var grace = Arguments.Span("--grace", "Completed jobs that ended longer ago than this go, and failed ones after seven times this. Default: 24h.");
        var command = new Command("clean", "Removes the records of old completed and failed jobs for good. Asks first. Takes an admin's key.") { queue, grace, yes };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var (name, age) = (arguments.GetValue(queue)!, arguments.GetValue(grace) ?? DefaultGrace);
            await session.ConfirmAsync(
                arguments.GetValue(yes), $"Remove the completed jobs of {name} older than {Texts.Span(age)}, and the failed ones older than {Texts.Span(age * 7)}, for good?", cancellationToken);
            var answer = await session.Queues.CleanAsync(name, age, cancellationToken);
            session.Screen.Answer(answer.Document, () => $"Removed {Texts.Jobs(answer.Value.Removed)} of {name}.");
            return ExitCodes.Ok;
        });
    }

    private static Command Create(CommandRunner runner, string action, string description, string result)
    {
        var queue = Arguments.Queue();
        return runner.Handle(new Command(action, description) { queue }, async (session, arguments, cancellationToken) =>
        {
            var name = arguments.GetValue(queue)!;
            var answer = await session.Queues.ChangeAsync(name, action, cancellationToken);
            session.Screen.Answer(answer, () => $"{name} {result}");
            return ExitCodes.Ok;
        });
    }
}
