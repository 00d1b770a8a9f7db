using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Contracts.Tests;
using Examples = WhiteCross.Jobs.Contracts.Tests.Jobs;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>Something that no queue takes.</summary>
/// <param name="Queue">The queue that it is sent to.</param>
/// <param name="Body">What is sent.</param>
/// <param name="Field">The field that is to be named.</param>
internal sealed record WrongInput(string Queue, byte[] Body, string Field)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Dapr itself reads 10,000 levels, those of the event around the data included.
    private const int Deep = 9_990;

    /// <summary>By what its job is found when it was published: the event's id, since no body has a valid id of its own.</summary>
    public string EventId { get; } = $"wrong-{Guid.NewGuid():N}";

    public static IReadOnlyList<WrongInput> All { get; } = [.. Fields(), .. Items(), .. Bodies(), .. Options(), .. Bytes()];

    /// <summary>Whether it can stand in a bulk beside others.</summary>
    public bool IsJson
    {
        get
        {
            try
            {
                _ = Strict.GetString(Body);
                using var json = JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = Deep });
                return true;
            }
            catch (Exception exception) when (exception is JsonException or DecoderFallbackException)
            {
                return false;
            }
        }
    }

    private static IEnumerable<WrongInput> Fields() => WrongJobs.Fields.Select(row => row.Data).Select(row =>
        Of(row.Item1, Examples.Good(row.Item1).With(row.Item2, row.Item3).ToJsonString(), "data." + row.Item2));

    private static IEnumerable<WrongInput> Items() => WrongJobs.Items.Select(row => row.Data).Select(row =>
    {
        var data = Examples.Good(row.Item1).With(row.Item2, row.Item3);
        if (row.Item1 == JobTypes.BatchSend)
        {
            data.Remove("conversationIds"); // It must be as long as the recipients.
        }

        return Of(row.Item1, data.ToJsonString(), row.Item4);
    });

    private static IEnumerable<WrongInput> Bodies() => WrongJobs.Bodies.Select(row => row.Data).Select(row =>
        new WrongInput(row.Item1, Encoding.UTF8.GetBytes(row.Item2), row.Item3));

    /// <summary>Options one beyond what they may be.</summary>
    private static IEnumerable<WrongInput> Options() => new[]
    {
        ("""{"attempts":0}""", "attempts"),
        ($$"""{"attempts":{{JobLimits.Attempts + 1}}}""", "attempts"),
        ("""{"attempts":1.5}""", "attempts"),
        ("""{"delay":-1}""", "delay"),
        ("""{"timeout":0}""", "timeout"),
        ("""{"priority":"secret-7"}""", "priority"),
        ("""{"backoff":{"type":"secret-7","delay":1}}""", "backoff.type"),
        ("""{"backoff":{"type":"fixed","delay":-1}}""", "backoff.delay"),
        ("""{"backoff":{"type":"fixed"}}""", "backoff.delay"),
    }.Select(row => new WrongInput(
        JobQueues.MessageIndexing,
        Encoding.UTF8.GetBytes($$"""{"type":"{{JobTypes.IndexMessage}}","options":{{row.Item1}},"data":{{Examples.Good(JobTypes.IndexMessage).ToJsonString()}}}"""),
        "options." + row.Item2));

    /// <summary>What only bytes can be.</summary>
    private static IEnumerable<WrongInput> Bytes()
    {
        var good = Examples.Good(JobTypes.CleanupMessages).ToJsonString();
        var queue = JobQueues.MessageCleanup;
        yield return new WrongInput(queue, [.. """{"cleanupType":"old_messages","initiatedBy":" """u8, 0xc3, 0x28, .. "\"}"u8], "$");
        yield return new WrongInput(queue, [0xff, 0xfe, 0x00], "$");
        yield return new WrongInput(queue, [0], "$");
        yield return new WrongInput(queue, Encoding.UTF8.GetBytes($$"""{"data":{{good}},"data":{{good}}}"""), "data");
        yield return new WrongInput(queue, Encoding.UTF8.GetBytes($$"""{"cleanupType":"\ud800"}"""), "cleanupType");
        foreach (var (open, close) in new[] { ("[", "]"), ("{\"a\":", "}") })
        {
            var nested = string.Concat(Enumerable.Repeat(open, Deep)) + "1" + string.Concat(Enumerable.Repeat(close, Deep));
            yield return new WrongInput(queue, Encoding.UTF8.GetBytes(nested), "$");
        }
    }

    private static WrongInput Of(string type, string data, string field) =>
        new(Examples.QueueOf(type).Name, Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","data":{{data}}}"""), field);
}
