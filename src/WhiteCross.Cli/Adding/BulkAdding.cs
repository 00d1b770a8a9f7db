using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Adding;

/// <summary>Adding many jobs of one queue, in requests of as many as the gateway takes at once.</summary>
internal static class BulkAdding
{
    public static async Task<int> AddAsync(Session session, IReadOnlyList<JsonNode?> jobs, JobWish wish, CancellationToken cancellationToken)
    {
        if (jobs.Count == 0)
        {
            throw new CliException(ExitCodes.WrongInput, "The file has no jobs.");
        }

        var envelopes = jobs.Select(job => JobFile.EnvelopeOf(job, wish)).ToList();
        envelopes.ForEach(envelope => JobFile.IdOf(envelope, session.Environment.Time));
        var queues = envelopes.Select(envelope => JobFile.QueueOf(envelope, wish)).Distinct(StringComparer.Ordinal).ToList();
        if (queues.Count > 1)
        {
            throw new CliException(ExitCodes.WrongInput, $"The file has jobs of several queues: {string.Join(", ", queues)}. Split it, a queue a file.");
        }

        var (accepted, rejected, sent) = (new JsonArray(), new JsonArray(), 0);
        try
        {
            await foreach (var (answer, before) in session.Gateway.AddBulkAsync(queues[0], envelopes.Select(JsonBody.BytesOf), cancellationToken))
            {
                var document = answer.Document;
                Move(document["accepted"], accepted, before);
                Move(document["rejected"], rejected, before);
                sent = before + JobLimits.BulkJobs;
            }
        }
        catch (JobsUnavailableException exception) when (exception.IsOutcomeUnknown)
        {
            throw Refusals.OfUnknownAdd(exception, $"jobs {sent} to {Math.Min(sent + JobLimits.BulkJobs, envelopes.Count) - 1} of the file were added");
        }

        Show(session.Screen, queues[0], accepted, rejected);
        return rejected.Count == 0 ? ExitCodes.Ok : ExitCodes.WrongInput;
    }

    // The gateway counts from the start of a request, the user from the start of the file.
    private static void Move(JsonNode? from, JsonArray to, int sent)
    {
        foreach (var entry in from?.AsArray() ?? [])
        {
            var moved = entry!.DeepClone();
            moved["index"] = moved["index"]!.GetValue<int>() + sent;
            to.Add(moved);
        }
    }

    private static void Show(Screen screen, string queue, JsonArray accepted, JsonArray rejected)
    {
        if (screen.IsJson)
        {
            screen.WriteJson(new JsonObject { ["queue"] = queue, ["accepted"] = accepted, ["rejected"] = rejected });
            return;
        }

        var (known, other) = (accepted.Count(entry => entry!["known"] is not null), accepted.Where(entry => entry!["known"]?.ToString() == "other").ToList());
        screen.WriteLine($"Added {Texts.Number(accepted.Count - known)} of {Texts.Jobs(accepted.Count + rejected.Count)} to {queue}.");
        if (known > 0)
        {
            screen.Note($"{Texts.Jobs(known)} of these ids {(known == 1 ? "was" : "were")} there already and not added again.");
        }

        foreach (var entry in other)
        {
            screen.Note($"  jobs[{entry!["index"]}].jobId  is the id of a job that has other data.");
        }

        foreach (var entry in rejected)
        {
            foreach (var (field, messages) in entry!["errors"]!.AsObject())
            {
                screen.Note($"  jobs[{entry["index"]}].{field}  {string.Join(' ', messages!.AsArray().Select(message => message!.GetValue<string>()))}");
            }
        }
    }
}
