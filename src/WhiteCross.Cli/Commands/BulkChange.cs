using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;

namespace WhiteCross.Cli.Commands;

/// <summary>The same change of many jobs, some at a time: one that cannot be changed, having ended meanwhile, stops none of the others.</summary>
internal static class BulkChange
{
    private const int AtOnce = 8;

    /// <summary>Changes jobs and tells how many were.</summary>
    /// <param name="session">What to work with.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="what">What was done, for people: <c>cancelled</c>.</param>
    /// <param name="change">Changes one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> RunAsync(Session session, IReadOnlyList<FoundJob> jobs, string what, Func<FoundJob, Task> change, CancellationToken cancellationToken)
    {
        var refusals = new CliException?[jobs.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, jobs.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, _) =>
        {
            try
            {
                await change(jobs[i]);
            }
            catch (Exception exception) when (Refusals.Of(exception) is { ExitCode: ExitCodes.WrongInput or ExitCodes.NotFound } refusal)
            {
                refusals[i] = refusal;
            }
        });

        var changed = refusals.Count(refusal => refusal is null);
        var document = new JsonObject
        {
            ["changed"] = new JsonArray([.. jobs.Where((_, i) => refusals[i] is null).Select(job => (JsonNode)job.JobId)]),
            ["refused"] = new JsonArray([.. jobs.Select((job, i) => (job, refusals[i])).Where(item => item.Item2 is not null)
                .Select(item => (JsonNode)new JsonObject { ["jobId"] = item.job.JobId, ["queue"] = item.job.Queue, ["why"] = item.Item2!.Message })]),
        };
        session.Screen.Answer(document, () => $"{Texts.Jobs(changed)} of {Texts.Number(jobs.Count)} {(changed == 1 ? "is" : "are")} {what}.");
        if (!session.Screen.IsJson)
        {
            foreach (var group in refusals.OfType<CliException>().GroupBy(refusal => refusal.Message, StringComparer.Ordinal))
            {
                session.Screen.Note($"  {Texts.Number(group.Count())}: {group.Key}");
            }
        }

        return changed == jobs.Count ? ExitCodes.Ok : ExitCodes.WrongInput;
    }
}
