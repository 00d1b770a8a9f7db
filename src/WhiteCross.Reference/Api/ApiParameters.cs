using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Reference;

/// <summary>What the gateway's parameters may be, and mean. Endpoints read most of them themselves, so that they can say all that is wrong at once.</summary>
internal static class ApiParameters
{
    private static readonly Dictionary<string, (string Schema, string Text)> Known = new()
    {
        ["queue"] = ($$"""{ "type": "string", "enum": [{{string.Join(", ", JobQueues.All.Select(queue => $"\"{queue.Name}\""))}}] }""", "The queue's name."),
        ["id"] = ("""{ "type": "string", "minLength": 1, "maxLength": 128 }""", "The job's id."),
        ["state"] = ("""{ "$ref": "#/components/schemas/JobState" }""", "Only jobs in this state."),
        ["limit"] = (Number(1, 1000, 50), "At most so many."),
        ["cursor"] = ("""{ "type": "string" }""", "`nextCursor` or `previousCursor` of another page; left out: the first page."),
        ["data"] = ("""{ "type": "string", "enum": ["false"] }""", "`false` leaves the result out too. What a job is about is told by `…/reveal` only."),
        ["cause"] = ("""{ "type": "string" }""", "Only jobs that failed for this cause, `cause` of `GET /queue/{queue}/failures`; with `state=failed`."),
        ["type"] = ("""{ "$ref": "#/components/schemas/JobType" }""", "Only jobs of this type."),
        ["priority"] = ("""{ "$ref": "#/components/schemas/JobPriority" }""", "Only jobs of this priority."),
        ["text"] = ("""{ "type": "string", "minLength": 1 }""", "Only jobs with this text in their id or their error, in any case."),
        ["from"] = (Time, "Only jobs that ended, or else were added, then or later."),
        ["to"] = (Time, "Only jobs that ended, or else were added, then or earlier."),
        ["reason"] = ("""{ "type": "string", "maxLength": 200 }""", "Why: it goes into the audit log."),
        ["jobId"] = ("""{ "type": "string", "minLength": 1, "maxLength": 128 }""", "The job of this id, in whichever queue."),
        ["messageId"] = (Uuid, "Jobs about this message."),
        ["recipientId"] = (Uuid, "Jobs for this recipient."),
        ["senderId"] = (Uuid, "Jobs of this sender."),
        ["conversationId"] = (Uuid, "Jobs of this conversation."),
        ["batchId"] = (Uuid, "The job of this batch, and those of its messages."),
        ["tag"] = ("""{ "type": "string", "minLength": 1, "maxLength": 64 }""", "Jobs with this tag among their `options.tags`."),
        ["dryRun"] = ("""{ "type": "boolean", "default": false }""", "`true` changes nothing and says what would come of it."),
        ["undoSeconds"] = (Number(0, 300, 0), "For how long nothing happens yet and it can be undone, in seconds."),
        ["rate"] = (Number(0, 1000, 0), "How many jobs a second; 0: all at once."),
        ["hours"] = (Number(1, 2160, null), "For how many hours; left out: until it is undone."),
        ["grace"] = (Number(0, 315_360_000_000, 86_400_000), "Completed jobs older than this, in milliseconds, are removed; failed ones when they are older than seven times that."),
        ["minutes"] = (Number(1, 1440, 60), "How many of the last minutes."),
        ["span"] = ("""{ "type": "string", "enum": ["1h", "6h", "24h", "7d"], "default": "1h" }""", "How far back, to now."),
        ["component"] = ("""{ "type": "string" }""", "Only of this queue, or of `redis` or `sidecar`."),
        ["channel"] = ("""{ "type": "string", "enum": ["email", "sms"] }""", "Only addresses of this channel."),
    };

    private static readonly Dictionary<(string Operation, string Parameter), (string Schema, string Text)> Special = new()
    {
        [("ListAudit", "limit")] = (Number(1, 10_000, 100), "At most so many entries."),
        [("GetHealthHistory", "limit")] = (Number(1, 200, 200), "At most so many changes; more are not kept."),
        [("FindJobs", "limit")] = (Number(1, 1000, 100), "At most so many."),
        [("ListFailures", "limit")] = (Number(1, 500, 50), "At most so many causes."),
        [("ListQueueFailures", "limit")] = (Number(1, 500, 50), "At most so many causes."),
        [("RevealJob", "reason")] = ("""{ "type": "string", "minLength": 1, "maxLength": 200 }""", "Why somebody must see it; it goes into the audit log."),
        [("EditJob", "reason")] = ("""{ "type": "string", "minLength": 1, "maxLength": 200 }""", "Why the data is looked at and changed; it goes into the audit log."),
        [("DiscardFailure", "reason")] = ("""{ "type": "string", "minLength": 1, "maxLength": 200 }""", "Why these jobs are not to be done; it goes into the audit log."),
        [("RemoveSuppression", "id")] = ("""{ "type": "string", "format": "uuid" }""", "The entry's id."),
    };

    // What an id is the id of, by what stands before it in the path.
    private static readonly Dictionary<string, string> Ids = new()
    {
        ["retries"] = "The retry's id.",
        ["failures"] = "The cause, as `cause` of the list of failures.",
        ["schedules"] = "The schedule's id.",
    };

    private static string Uuid => """{ "type": "string", "format": "uuid" }""";

    private static string Time => """{ "type": "string", "format": "date-time" }""";

    /// <summary>The headers that an operation reads.</summary>
    public static IEnumerable<JsonObject> HeadersOf(string? operation, bool hasEntityTag)
    {
        if (operation == "AddJob")
        {
            yield return Header("Idempotency-Key", """{ "type": "string", "minLength": 1, "maxLength": 130 }""", "The job's id, where the body names none: the same request can be sent again, and adds one job. Bare or in quotes.");
        }

        if (operation == "WatchJob")
        {
            yield return Header("Last-Event-ID", """{ "type": "string" }""", "The `id` of the last event that was heard before a break.");
        }

        if (hasEntityTag)
        {
            yield return Header("If-None-Match", """{ "type": "string" }""", "`ETag` of the last answer: 304 while nothing has changed.");
        }
    }

    private static JsonObject Header(string name, string schema, string text) =>
        new() { ["name"] = name, ["in"] = "header", ["description"] = text, ["schema"] = JsonNode.Parse(schema) };

    public static JsonObject Create(string operation, string path, string name)
    {
        var (schema, text) = Special.TryGetValue((operation, name), out var special) ? special
            : Known.TryGetValue(name, out var known) ? known
            : throw new InvalidOperationException($"{operation} has a parameter {name} that {nameof(ApiParameters)} does not know.");
        var isInPath = path.Contains($"{{{name}}}", StringComparison.Ordinal);
        if (name == "id" && isInPath && Ids.GetValueOrDefault(path.Split('/').TakeWhile(part => part != "{id}").Last()) is { } ofWhat)
        {
            text = ofWhat;
        }

        var parameter = new JsonObject { ["name"] = name, ["in"] = isInPath ? "path" : "query", ["description"] = text, ["schema"] = JsonNode.Parse(schema) };
        if (isInPath || schema.Contains("\"minLength\": 1, \"maxLength\": 200", StringComparison.Ordinal))
        {
            parameter["required"] = true;
        }

        return parameter;
    }

    private static string Number(long least, long most, long? byDefault) =>
        $$"""{ "type": "integer", "minimum": {{least}}, "maximum": {{most}}{{(byDefault is null ? string.Empty : $", \"default\": {byDefault}")}} }""";
}
