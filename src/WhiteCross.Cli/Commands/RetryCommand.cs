using System.CommandLine;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc retry</c>: failed jobs run again, one or all.</summary>
internal static class RetryCommand
{
    private const int AtOnce = 1000;

    public static Command Create(CommandRunner runner)
    {
        var id = new Argument<string?>("id") { Description = "The failed job's id.", Arity = ArgumentArity.ZeroOrOne };
        var queue = Arguments.QueueOption();
        var failed = new Option<string?>("--failed") { Description = "Retry all failed jobs of this queue. Asks first.", HelpName = "queue" };
        var error = new Option<string?>("--error") { Description = "With --failed: only jobs whose error has this text.", HelpName = "text" };
        var yes = Arguments.Yes();
        var command = new Command("retry", "Makes failed jobs wait again, with all their attempts before them; finished steps are not repeated.") { id, queue, failed, error, yes };
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null == result.GetValue(failed) is null)
            {
                result.AddError("Say either a job's id or --failed with a queue.");
            }
            else if (result.GetValue(failed) is null && result.GetValue(error) is not null)
            {
                result.AddError("--error goes with --failed.");
            }
        });
        return runner.Handle(command, async (session, arguments, cancellationToken) => arguments.GetValue(failed) is { } name
            ? await RetryAllAsync(session, name, arguments.GetValue(error), arguments.GetValue(yes), cancellationToken)
            : await JobChangeCommands.ChangeAsync(
                session, await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken), "retry", cancellationToken));
    }

    private static async Task<int> RetryAllAsync(Session session, string queue, string? error, bool isYes, CancellationToken cancellationToken)
    {
        List<string>? ids = null;
        long count;
        if (error is null)
        {
            count = GatewayClient.As(await session.Gateway.GetAsync(GatewayClient.PathOf("queue", queue, "metrics"), cancellationToken), JobsJsonContext.Default.QueueMetrics).Failed;
        }
        else
        {
            ids = await JobPages.ReadFailedAsync(session.Gateway, queue, error, AtOnce, cancellationToken).Select(job => job["jobId"]!.GetValue<string>()).ToListAsync(cancellationToken);
            count = ids.Count;
        }

        var retried = 0;
        if (count > 0)
        {
            await session.ConfirmAsync(isYes, $"Retry {Texts.Jobs(count, "failed ")} of {queue}?", cancellationToken);
            foreach (var body in Bodies(ids))
            {
                var answer = await session.Gateway.SendAsync(HttpMethod.Post, GatewayClient.PathOf("queue", queue, "failed", "retry"), body, cancellationToken);
                retried += answer["retried"]!.GetValue<int>();
            }
        }

        if (session.Screen.IsJson)
        {
            session.Screen.WriteJson(new JsonObject { ["queue"] = queue, ["retried"] = retried });
        }
        else
        {
            session.Screen.WriteLine($"Retried {Texts.Jobs(retried)} of {queue}.");
        }

        return ExitCodes.Ok;
    }

    private static IEnumerable<HttpContent?> Bodies(IEnumerable<string>? ids) => ids is null
        ? [(HttpContent?)null]
        : ids.Chunk(AtOnce).Select(chunk => Content.Json(new JsonObject { ["jobIds"] = new JsonArray([.. chunk.Select(id => (JsonNode)id)]) }));
}
