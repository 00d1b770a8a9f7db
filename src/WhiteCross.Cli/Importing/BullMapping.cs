using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Importing;

/// <summary>What becomes of a job of Bull.</summary>
/// <param name="Queue">Our queue; null when the job is not taken.</param>
/// <param name="Envelope">The job as it is added; null when it is not taken.</param>
/// <param name="Refusal">Why it is not taken; null when it is.</param>
/// <param name="Notes">What of it has no counterpart here, and is left behind.</param>
internal sealed record MappedJob(string? Queue, JsonObject? Envelope, string? Refusal, IReadOnlyList<string> Notes)
{
    public string JobId => Envelope!["jobId"]!.GetValue<string>();
}

/// <summary>Makes our jobs of Bull's.</summary>
/// <param name="types">Job types by Bull's names of jobs, where they differ.</param>
/// <param name="priorities">What Bull's priorities are here.</param>
/// <param name="now">The time.</param>
internal sealed class BullMapping(IReadOnlyDictionary<string, string> types, PriorityMap priorities, DateTimeOffset now)
{
    // Bull's name for jobs that were added without one.
    private const string Unnamed = "__default__";

    /// <summary>Maps a job, and judges it by the rules that the gateway has.</summary>
    public MappedJob Map(BullQueue queue, BullJob job)
    {
        if (Leaves(job) is { } reason)
        {
            return new MappedJob(null, null, reason, []);
        }

        if (TypeOf(queue, job) is not { } type || JobQueues.All.FirstOrDefault(candidate => candidate.Takes(type)) is not { } target)
        {
            return new MappedJob(null, null, job.Name == Unnamed ? $"has no name: say what it is with --type {Unnamed}=<job type>" : $"is called '{job.Name}', which is no job type: say which with --type {job.Name}=<job type>", []);
        }

        if (Parse(job.Data) is not { } data || Parse(job.Options) is not JsonObject options)
        {
            return new MappedJob(null, null, "has data or options that are not JSON", []);
        }

        var notes = new List<string>();
        var envelope = new JsonObject { ["jobId"] = IdOf(queue, job), ["type"] = type, ["data"] = data, ["options"] = OptionsOf(job, options, notes) };
        var reading = JobEnvelopeReader.Default.Read(target, JsonSerializer.SerializeToUtf8Bytes(envelope));
        return reading.IsTooLarge ? new MappedJob(null, null, "is too large: a job's data may have 1 MiB", [])
            : reading.IsValid ? new MappedJob(target.Name, envelope, null, notes)
            : new MappedJob(null, null, $"is not valid as {type}: {reading.ErrorText}", []);
    }

    /// <summary>The job's id here: the same for the same job of the same queue, and another for one that only has its number again.</summary>
    public static string IdOf(BullQueue queue, BullJob job)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"bull:{queue.Name}:{job.Place.Id}:{job.Timestamp}");
        return JobIds.IsValid(id) ? id : $"bull:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";
    }

    /// <summary>Why a failed job failed, as the gateway takes it.</summary>
    public static JsonObject FailedOf(BullJob job, JsonObject envelope)
    {
        var failed = new JsonObject { ["job"] = envelope.DeepClone(), ["error"] = string.IsNullOrWhiteSpace(job.FailedReason) ? "Failed in Bull, which did not note why." : job.FailedReason };
        if (job.Stack is { } stack && Parse(stack) is JsonArray { Count: > 0 } stacks && stacks[^1]?.ToString() is { Length: > 0 } last)
        {
            failed["stack"] = last;
        }

        return failed;
    }

    private static string? Leaves(BullJob job) => !job.Exists ? "is only a marker: nothing is on record of it"
        : job.IsRepeated ? "comes from a schedule of Bull: make the schedule here (POST /queue/{queue}/schedules) and remove it there"
        : job.IsOfFlow ? "is part of a flow: its parent waits for it there"
        : null;

    private string? TypeOf(BullQueue queue, BullJob job) =>
        types.TryGetValue(job.Name, out var type) ? type
        : JobQueues.All.Any(candidate => candidate.Takes(job.Name)) ? job.Name
        : job.Name == Unnamed && JobQueues.TryGet(queue.Name, out var same) ? same.DefaultJobType
        : null;

    private JsonObject OptionsOf(BullJob job, JsonObject options, List<string> notes)
    {
        var mapped = new JsonObject { ["priority"] = priorities.Of(job.Priority).ToString().ToUpperInvariant() };
        var isFailed = job.Place.Key == "failed";
        if (job.Place.DueAt is > 0 and var due && due - now.ToUnixTimeMilliseconds() is > 0 and var delay)
        {
            mapped["delay"] = delay;
        }

        // Bull makes one attempt where nothing is said. Of a job that waits for its next one, those that are left; a failed one that is retried has all of them again.
        var attempts = Math.Clamp(Number(options["attempts"]) ?? 1, 1, JobLimits.Attempts);
        mapped["attempts"] = isFailed ? attempts : Math.Max(1, attempts - job.AttemptsMade);
        if (BackoffOf(options["backoff"], notes) is { } backoff)
        {
            mapped["backoff"] = backoff;
        }

        if (Number(options["timeout"]) is > 0 and var timeout)
        {
            mapped["timeout"] = Math.Min(timeout, JobLimits.TimeoutMilliseconds);
        }

        foreach (var name in (string[])["removeOnComplete", "removeOnFail"])
        {
            if (options[name] is JsonValue value && value.TryGetValue<bool>(out var isRemoved))
            {
                mapped[name] = isRemoved && !(isFailed && name == "removeOnFail");
            }
            else if (options[name] is not null)
            {
                notes.Add($"{name} by age or count: retention is the queue's here");
            }
        }

        if (options["lifo"] is JsonValue lifo && lifo.TryGetValue<bool>(out var isLifo) && isLifo)
        {
            notes.Add("lifo: use a priority");
        }

        return mapped;
    }

    private static JsonObject? BackoffOf(JsonNode? backoff, List<string> notes)
    {
        var type = backoff is JsonValue ? "fixed" : (backoff as JsonObject)?["type"]?.ToString();
        var delay = Number(backoff is JsonObject given ? given["delay"] : backoff);
        if (type is "fixed" or "exponential" && delay is >= 0)
        {
            return new JsonObject { ["type"] = type, ["delay"] = Math.Min(delay.GetValueOrDefault(), JobBackoff.MaxDelay) };
        }

        if (backoff is not null && type is not null)
        {
            notes.Add($"the back-off '{type}' of the worker's own: the queue's is used");
        }

        return null;
    }

    private static long? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) && double.IsFinite(number) ? (long)number : null;

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = JobLimits.Nesting });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
