using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Importing;

/// <summary>
/// Takes the jobs of Bull's queues into ours. A job is first taken out of Bull, where no worker can start it any more, and noted; then it is added under an id
/// that is made of its own, and the note says so. Whatever ends the import in between, the next one goes on from the notes, and adding twice makes no second job.
/// </summary>
internal sealed class BullImport(Session session, BullMapping mapping, bool isDryRun)
{
    private const int AtOnce = 200;
    private const int MostBytesAtOnce = 16 << 20;

    public ImportReport Report { get; } = new(isDryRun);

    public async Task RunAsync(BullQueue queue, IReadOnlySet<BullState> states, CancellationToken cancellationToken)
    {
        foreach (var places in (await queue.PlacesAsync(states)).Chunk(AtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var jobs = (await queue.ReadAsync(places)).Select(job => (Job: job, Mapped: mapping.Map(queue, job))).ToList();
            foreach (var (job, mapped) in jobs.Where(item => item.Mapped.Refusal is not null))
            {
                Report.Add(queue, job.Place, null, null, ImportOutcome.Left, mapped.Refusal, []);
            }

            foreach (var group in jobs.Where(item => item.Mapped.Refusal is null).GroupBy(item => (item.Mapped.Queue, IsFailed: item.Job.Place.Key == "failed")))
            {
                foreach (var chunk in BySize([.. group]))
                {
                    await MoveAsync(queue, chunk, group.Key.IsFailed, cancellationToken);
                }
            }
        }

        var (active, parents, schedules) = await queue.LeftAsync();
        if (active > 0)
        {
            Report.Remark($"{queue.Name}: {Texts.Jobs(active)} run there now; let its workers end them.");
        }

        if (parents > 0)
        {
            Report.Remark($"{queue.Name}: {Texts.Jobs(parents)} wait for their children there, and are left with them.");
        }

        if (schedules > 0)
        {
            Report.Remark($"{queue.Name}: {Texts.Number(schedules)} of Bull's schedules are to be made here by hand (POST /queue/{{queue}}/schedules), and removed there.");
        }
    }

    private async Task MoveAsync(BullQueue queue, IReadOnlyList<(BullJob Job, MappedJob Mapped)> jobs, bool isFailed, CancellationToken cancellationToken)
    {
        if (isDryRun)
        {
            Tell(queue, jobs, ImportOutcome.Taken);
            return;
        }

        var isTaken = await queue.TakeAsync([.. jobs.Select(item => (item.Job, item.Mapped.JobId))]);
        Tell(queue, jobs.Where((_, i) => !isTaken[i]), ImportOutcome.Gone);
        var taken = jobs.Where((_, i) => isTaken[i]).ToList();
        if (taken.Count > 0)
        {
            await AddAsync(queue, taken, isFailed, cancellationToken);
        }
    }

    private async Task AddAsync(BullQueue queue, List<(BullJob Job, MappedJob Mapped)> taken, bool isFailed, CancellationToken cancellationToken)
    {
        var path = isFailed ? GatewayTransport.PathOf("queue", taken[0].Mapped.Queue!, "failed") : GatewayTransport.PathOf("queue", taken[0].Mapped.Queue!, "jobs", "bulk");
        var body = new JsonObject { ["jobs"] = new JsonArray([.. taken.Select(item => isFailed ? BullMapping.FailedOf(item.Job, item.Mapped.Envelope!) : item.Mapped.Envelope!.DeepClone())]) };
        JsonNode answer;
        try
        {
            answer = (await session.Gateway.AddAsync(path, () => JsonBody.Of(body), null, cancellationToken)).Answer.Document;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            if (refusal.ExitCode != ExitCodes.Unavailable)
            {
                // The gateway wants none of them: they stay where they were.
                await queue.PutBackAsync(taken.Select(item => item.Job));
                throw;
            }

            refusal = exception is JobsUnavailableException { IsOutcomeUnknown: true } unknown ? Refusals.OfUnknownAdd(unknown, $"{Texts.Jobs(taken.Count)} of {queue.Name} were added") : refusal;
            throw new CliException(refusal.ExitCode, $"{refusal.Message} {Texts.Jobs(taken.Count)} of {queue.Name} are taken from Bull and noted there: run the same command again, and it goes on with them.");
        }

        var accepted = answer["accepted"]!.AsArray().Select(entry => (Index: entry!["index"]!.GetValue<int>(), Known: entry["known"]?.GetValue<string>())).ToList();
        var isOther = accepted.Where(entry => entry.Known == "other").Select(entry => (entry.Index, Why: "its id is that of a job here that has other data")).ToList();
        var rejected = answer["rejected"]!.AsArray().Select(entry => (Index: entry!["index"]!.GetValue<int>(), Why: WhyOf(entry))).Concat(isOther).ToList();
        await queue.PutBackAsync(rejected.Select(entry => taken[entry.Index].Job));
        var added = accepted.Where(entry => entry.Known != "other").ToList();
        if (added.Count > 0)
        {
            await queue.ConfirmAsync(added.Select(entry => (taken[entry.Index].Job, taken[entry.Index].Mapped.JobId)));
        }

        Tell(queue, added.Where(entry => entry.Known is null).Select(entry => taken[entry.Index]), ImportOutcome.Taken);
        Tell(queue, added.Where(entry => entry.Known is not null).Select(entry => taken[entry.Index]), ImportOutcome.Known);
        foreach (var (index, why) in rejected)
        {
            Report.Add(queue, taken[index].Job.Place, null, null, ImportOutcome.Left, why, []);
        }
    }

    private void Tell(BullQueue queue, IEnumerable<(BullJob Job, MappedJob Mapped)> jobs, ImportOutcome outcome)
    {
        foreach (var (job, mapped) in jobs)
        {
            Report.Add(queue, job.Place, mapped.Queue, mapped.JobId, outcome, null, mapped.Notes);
        }
    }

    private static string WhyOf(JsonNode rejected) =>
        string.Join(' ', rejected["errors"]!.AsObject().Select(field => $"{field.Key}: {string.Join(' ', field.Value!.AsArray().Select(message => message!.GetValue<string>()))}"));

    private static IEnumerable<IReadOnlyList<(BullJob Job, MappedJob Mapped)>> BySize(IReadOnlyList<(BullJob Job, MappedJob Mapped)> jobs)
    {
        var (chunk, bytes) = (new List<(BullJob, MappedJob)>(), 0L);
        foreach (var item in jobs)
        {
            if (chunk.Count > 0 && bytes + item.Job.Data.Length > MostBytesAtOnce)
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }

            chunk.Add(item);
            bytes += item.Job.Data.Length;
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }
}
