using System.CommandLine;
using WhiteCross.Cli.Gateway;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc tail</c>: what happens, as it happens.</summary>
internal static class TailCommand
{
    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.OptionalQueue();
        var job = new Option<string?>("--job") { Description = "Follow this job until it ends: its states, progress and log.", HelpName = "id" };
        var count = Arguments.Positive("--count", int.MaxValue, int.MaxValue, "End after so many changes. Left out: never.");
        var command = new Command("tail", "Shows every change of the jobs of a queue, of all queues, or of one job, as it happens.") { queue, job, count };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var wanted = arguments.GetValue(queue);
            if (arguments.GetValue(job) is { } jobId)
            {
                var found = await JobFinder.FindAsync(session.Gateway, jobId, wanted, cancellationToken);
                return await JobFollowing.ShowAsync(session, found.Queue, jobId, cancellationToken);
            }

            await foreach (var change in session.Queues.WatchAsync(wanted, () => JobFollowing.TellLost(session), cancellationToken).Take(arguments.GetValue(count)))
            {
                JobFollowing.Show(session, change, withJob: true);
            }

            return ExitCodes.Ok;
        });
    }
}
