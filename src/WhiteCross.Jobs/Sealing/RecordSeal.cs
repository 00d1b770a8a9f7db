using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Sealing;

/// <summary>
/// What of a record is sealed, and how it is written so that every store can keep it: JSON as a JSON text, lines and messages as lines.
/// </summary>
internal sealed class RecordSeal(JobSeal seal)
{
    /// <summary>What stands in place of what cannot be opened: its key is gone, or somebody has changed it.</summary>
    public const string Gone = "(sealed with a key that is gone)";

    private const int SumBytes = 9;

    private static readonly byte[] GoneJson = Encoding.UTF8.GetBytes($"\"{Gone}\"");

    public NewJob Seal(string queue, NewJob job) => job with
    {
        Data = SealJson(job.Data, Place(queue, job.JobId, "data")),
        Sum = SumOf(job),
        Terms = job.Terms.Count == 0 ? job.Terms : [.. job.Terms.Select(SealTerm)],
        Error = Seal(queue, job.JobId, job.Error),
    };

    /// <summary>A keyed hash of a term: those without the key can neither read nor try out what a job is about.</summary>
    public string SealTerm(string term)
    {
        var kind = "term:"u8;
        var most = kind.Length + Encoding.UTF8.GetMaxByteCount(term.Length);
        Span<byte> text = most <= 512 ? stackalloc byte[512] : new byte[most];
        kind.CopyTo(text);
        Span<byte> sum = stackalloc byte[HMACSHA256.HashSizeInBytes];
        seal.Sum(text[..(kind.Length + Encoding.UTF8.GetBytes(term, text[kind.Length..]))], sum);
        return JobTerms.OfHash(sum);
    }

    public RunReport Seal(string queue, RunReport report)
    {
        var id = report.Key.JobId;
        return report with
        {
            Progress = SealProgress(queue, id, report.Progress),
            Logs = SealLines(queue, id, report.Logs),
            StepResult = report.Step is null ? report.StepResult : SealJson(report.StepResult, Place(queue, id, "step " + report.Step)),
        };
    }

    public RunEnd Seal(string queue, RunEnd end)
    {
        var id = end.Key.JobId;
        return end with
        {
            Result = SealResult(queue, id, end.Result),
            Error = Seal(queue, id, end.Error),
            SnoozeReason = end.SnoozeReason is { } reason ? SealText(reason, Place(queue, id, "snooze")) : null,
            Progress = SealProgress(queue, id, end.Progress),
            Logs = SealLines(queue, id, end.Logs),
        };
    }

    public ReadOnlyMemory<byte> SealResult(string queue, string jobId, ReadOnlyMemory<byte> result) => SealJson(result, Place(queue, jobId, "result"));

    public JobRun Open(string queue, JobRun run) => run with { Data = OpenJson(run.Data, Place(queue, run.Key.JobId, "data")) };

    public ReadOnlyMemory<byte> OpenStep(string queue, string jobId, string step, ReadOnlyMemory<byte> result) => OpenJson(result, Place(queue, jobId, "step " + step));

    public JobRecord Open(JobRecord record)
    {
        var (queue, id) = (record.Queue, record.JobId);
        return record with
        {
            Data = OpenElement(record.Data, Place(queue, id, "data")),
            Result = record.Result is { } result ? OpenElement(result, Place(queue, id, "result")) : null,
            Error = Open(queue, id, record.Error),
            Attempts = record.Attempts.Any(attempt => attempt.Error is not null)
                ? [.. record.Attempts.Select(attempt => attempt with { Error = Open(queue, id, attempt.Error) })]
                : record.Attempts,
            SnoozeReason = record.SnoozeReason is { } reason ? OpenText(reason, Place(queue, id, "snooze")) : null,
            Progress = Open(queue, id, record.Progress),
            Logs = record.Logs.Count == 0 ? record.Logs : [.. record.Logs.Select(line => OpenText(line, Place(queue, id, "log")))],
        };
    }

    public JobChange Open(JobChange change) => change.Progress is null && change.Line is null ? change : change with
    {
        Progress = change.Progress is { } progress ? Open(change.Queue, change.JobId, progress) : null,
        Line = change.Line is { } line ? OpenText(line, Place(change.Queue, change.JobId, "log")) : null,
    };

    private static string Place(string queue, string jobId, string field) => $"{queue}\n{jobId}\n{field}";

    // Equal data is known by it, as by the plain sum, and only by those who have the key.
    private string SumOf(NewJob job)
    {
        Span<byte> plain = stackalloc byte[DataSum.Length];
        Span<byte> sum = stackalloc byte[32];
        DataSum.Write(job, plain);
        seal.Sum(plain, sum);
        return Convert.ToBase64String(sum[..SumBytes]);
    }

    private JobError? Seal(string queue, string jobId, JobError? error) => error is null ? null : error with
    {
        Cause = FailureCause.FingerprintOf(error), // Of the sealed text it would be another for each job.
        Message = SealText(error.Message, Place(queue, jobId, "error")),
        Stack = error.Stack is { } stack ? SealText(stack, Place(queue, jobId, "stack")) : null,
    };

    private JobError? Open(string queue, string jobId, JobError? error) => error is null ? null : error with
    {
        Cause = null,
        Message = OpenText(error.Message, Place(queue, jobId, "error")),
        Stack = error.Stack is { } stack ? OpenText(stack, Place(queue, jobId, "stack")) : null,
    };

    private ReadOnlyMemory<byte> SealProgress(string queue, string jobId, ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return json;
        }

        var progress = StoredJson.Progress(json.Span);
        if (progress.Step is null && progress.Data is null)
        {
            return json;
        }

        var sealing = progress with
        {
            Step = progress.Step is { } step ? SealText(step, Place(queue, jobId, "progress step")) : null,
            Data = progress.Data is { } data
                ? JsonSerializer.SerializeToElement(SealText(data.GetRawText(), Place(queue, jobId, "progress")), StoredJsonContext.Default.String)
                : null,
        };
        return JsonSerializer.SerializeToUtf8Bytes(sealing, StoredJsonContext.Default.JobProgress);
    }

    private JobProgress Open(string queue, string jobId, JobProgress progress) => progress.Step is null && progress.Data is null ? progress : progress with
    {
        Step = progress.Step is { } step ? OpenText(step, Place(queue, jobId, "progress step")) : null,
        Data = progress.Data is { } data ? OpenElement(data, Place(queue, jobId, "progress")) : null,
    };

    private IReadOnlyList<string> SealLines(string queue, string jobId, IReadOnlyList<string> lines) =>
        lines.Count == 0 ? lines : [.. lines.Select(line => SealText(line, Place(queue, jobId, "log")))];

    private ReadOnlyMemory<byte> SealJson(ReadOnlyMemory<byte> json, string place) =>
        json.IsEmpty || json.Span.SequenceEqual("null"u8) ? json : seal.SealJson(json.Span, place);

    private ReadOnlyMemory<byte> OpenJson(ReadOnlyMemory<byte> json, string place) =>
        json.Length > 2 && json.Span[0] == '"' && JobSeal.IsSealed(json.Span[1..]) ? seal.Open(json.Span[1..^1], place) ?? GoneJson : json;

    private JsonElement OpenElement(JsonElement json, string place) =>
        json.ValueKind == JsonValueKind.String && json.GetString() is { } text && IsSealed(text)
            ? StoredJson.Element(seal.Open(Encoding.ASCII.GetBytes(text), place) ?? GoneJson) ?? StoredJson.Null
            : json;

    private string SealText(string text, string place) => Encoding.ASCII.GetString(seal.Seal(Encoding.UTF8.GetBytes(text), place));

    private string OpenText(string text, string place) =>
        !IsSealed(text) ? text : seal.Open(Encoding.ASCII.GetBytes(text), place) is { } plain ? Encoding.UTF8.GetString(plain) : Gone;

    private static bool IsSealed(string text) => text.StartsWith("wcs1.", StringComparison.Ordinal);
}
