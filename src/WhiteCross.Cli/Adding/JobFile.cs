using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Adding;

/// <summary>Jobs in a file. What they must hold is the gateway's to say; here only what is needed to send them.</summary>
internal static class JobFile
{
    // A name given twice could be read as two different jobs.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    // As the gateway reads them.
    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    private static readonly string[] Misplaced = ["jobId", "options"];

    /// <summary>Reads a file, or the input for <c>-</c>.</summary>
    public static async Task<JsonNode> ReadAsync(TextReader input, string file, CancellationToken cancellationToken)
    {
        var text = file == "-" ? await input.ReadToEndAsync(cancellationToken) : await ReadFileAsync(file, cancellationToken);
        var name = file == "-" ? "The input" : file;
        try
        {
            return JsonNode.Parse(text, AnyCase, Strict) is { } document and (JsonObject or JsonArray)
                ? document
                : throw new CliException(ExitCodes.WrongInput, $"{name} must hold a JSON object or array.");
        }
        catch (JsonException exception)
        {
            // The parser's own words quote what is there.
            var place = exception.LineNumber is { } line
                ? string.Create(CultureInfo.InvariantCulture, $", from line {line + 1}, byte {exception.BytePositionInLine + 1} on")
                : ": a name may be given once only";
            throw new CliException(ExitCodes.WrongInput, $"{name} is not valid JSON{place}.");
        }
    }

    /// <summary>The envelopes of a file that has many: an array, or the body of a bulk request; null when it has one.</summary>
    public static IReadOnlyList<JsonNode?>? ManyOf(JsonNode document) => document switch
    {
        JsonArray array => [.. array],
        JsonObject job when job["jobs"] is JsonArray jobs && !job.ContainsKey("data") => [.. jobs],
        _ => null,
    };

    /// <summary>A job's envelope as it is sent: what stands there, or around the data alone, and what is wished.</summary>
    /// <exception cref="CliException">It has none.</exception>
    public static JsonObject EnvelopeOf(JsonNode? document, JobWish wish)
    {
        var job = document as JsonObject ?? throw new CliException(ExitCodes.WrongInput, "A job must be a JSON object.");
        if (!job.ContainsKey("data") && Misplaced.FirstOrDefault(job.ContainsKey) is { } misplaced)
        {
            throw new CliException(
                ExitCodes.WrongInput,
                "The job is not valid.",
                new Dictionary<string, string[]> { [misplaced] = ["is no part of the data: it belongs into an envelope {\"jobId\"?, \"type\", \"data\": {…}, \"options\"?: {…}}."] });
        }

        var envelope = job.ContainsKey("data") ? job.DeepClone().AsObject() : new JsonObject(AnyCase) { ["data"] = job.DeepClone() };
        if (wish.Type is not null)
        {
            envelope["type"] = wish.Type;
        }

        if (wish.JobId is not null)
        {
            envelope["jobId"] = wish.JobId;
        }

        if (wish is { Priority: null, Delay: null })
        {
            return envelope;
        }

        if (envelope["options"] is not (null or JsonObject))
        {
            throw new CliException(ExitCodes.WrongInput, "The job is not valid.", new Dictionary<string, string[]> { ["options"] = ["must be an object."] });
        }

        var options = envelope["options"] as JsonObject ?? [];
        envelope["options"] = options.Parent is null ? options : envelope["options"];
        if (wish.Priority is not null)
        {
            options["priority"] = wish.Priority;
        }

        if (wish.Delay is { } delay)
        {
            options["delay"] = (long)delay.TotalMilliseconds;
        }

        return envelope;
    }

    /// <summary>The job's id; one that is made now where it has none, so that the job can be sent again when no answer comes.</summary>
    public static string IdOf(JsonObject envelope, TimeProvider time)
    {
        if (envelope["jobId"] is null)
        {
            envelope["jobId"] = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        }

        return envelope["jobId"]!.ToString();
    }

    /// <summary>The queue that a job is for.</summary>
    /// <exception cref="CliException">Nothing says it.</exception>
    public static string QueueOf(JsonObject envelope, JobWish wish)
    {
        var type = envelope["type"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        return wish.Queue
            ?? JobQueues.All.FirstOrDefault(queue => type is not null && queue.Takes(type))?.Name
            ?? throw new CliException(
                ExitCodes.WrongInput,
                $"For which queue? Say it with --queue ({string.Join(", ", JobQueues.All.Select(queue => queue.Name))}), or the job's type with --type ({string.Join(", ", JobQueues.All.SelectMany(queue => queue.JobTypes))}).");
    }

    private static async Task<string> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongInput, $"{file} cannot be read: {(exception is FileNotFoundException or DirectoryNotFoundException ? "it is not there" : "see its permissions")}.");
        }
    }
}
