using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Reads what is asked for when a schedule is made, from anywhere: never throws, and names everything that is wrong by its field.</summary>
/// <param name="envelopes">Reads the job.</param>
public sealed class ScheduleRequestReader(JobEnvelopeReader envelopes)
{
    private static readonly JobTypeReader<ScheduleRequest> Fields = new(JobsJsonContext.Closed.ScheduleRequest, new ScheduleRequestValidator());

    /// <summary>Reads schedules of White Cross' jobs.</summary>
    public static ScheduleRequestReader Default { get; } = new(JobEnvelopeReader.Default);

    /// <summary>Reads a request.</summary>
    /// <param name="queue">The queue it is for.</param>
    /// <param name="utf8">The JSON.</param>
    /// <param name="errors">What is wrong, by field; empty when the request can be served.</param>
    /// <returns>The request; null when anything is wrong.</returns>
    public ScheduleRequest? Read(QueueDefinition queue, ReadOnlyMemory<byte> utf8, out IReadOnlyDictionary<string, string[]> errors)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var found = new FieldErrors();
        if (!Utf8.IsValid(utf8.Span))
        {
            found.Add("$", "is not valid UTF-8.");
        }
        else if (Fields.TryRead(utf8.Span) is ScheduleRequest request)
        {
            AddErrorsOfJob(queue, request.Job!.Value, found);
            if (found.IsEmpty)
            {
                errors = found.ToDictionary();
                return request;
            }
        }
        else
        {
            Explain(queue, utf8, found);
        }

        if (found.IsEmpty)
        {
            found.Add("$", "cannot be read as a schedule {\"id\"?, \"cron\" or \"every\", \"job\": {…}}.");
        }

        errors = found.ToDictionary();
        return null;
    }

    private void Explain(QueueDefinition queue, ReadOnlyMemory<byte> utf8, FieldErrors found)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = JobLimits.Nesting });
            Fields.Explain(document.RootElement, string.Empty, found);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("job", out var job) && job.ValueKind != JsonValueKind.Null)
            {
                AddErrorsOfJob(queue, job, found);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            found.Add("$", "is not valid JSON, or nested too deep; a schedule is a JSON object {\"id\"?, \"cron\" or \"every\", \"job\": {…}}.");
        }
    }

    private void AddErrorsOfJob(QueueDefinition queue, JsonElement job, FieldErrors found)
    {
        var reading = envelopes.Read(queue, JsonMarshal.GetRawUtf8Value(job).ToArray());
        foreach (var (field, messages) in reading.Errors)
        {
            found.Add(field == "$" ? "job" : $"job.{field}", string.Join(' ', messages));
        }

        if (reading.IsTooLarge)
        {
            found.Add("job.data", "is larger than 1 MiB.");
        }

        if (reading.JobId is not null)
        {
            found.Add("job.jobId", "must be left out: every run gets an id of its own.");
        }
    }
}
