using System.Buffers;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Writes the events that our own publishers send: they name jobs that are on record. The data stays in the record, so that what runs is always what was
/// added, an event is small however large its jobs, and no stream holds what a patient wrote. See docs/decisions/0002-events-are-references.md.
/// </summary>
internal static class JobEventWriter
{
    /// <summary>Writes an event.</summary>
    /// <param name="jobs">The jobs that it names; of one lane, at least one.</param>
    /// <returns>The event's data, as UTF-8 JSON.</returns>
    public static ReadOnlyMemory<byte> Write(ReadOnlySpan<JobEvent> jobs)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + (jobs.Length * 96));
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("jobId"u8, jobs[0].JobId);
        writer.WriteString("type"u8, jobs[0].Type);
        if (jobs.Length == 1)
        {
            writer.WriteStartObject("options"u8);
            writer.WriteString("priority"u8, NameOf(jobs[0].Priority));
            writer.WriteEndObject();
        }
        else
        {
            // For versions that know of one job an event only: to them this is the envelope of a job that is on record already, which they leave alone,
            // and not a job that is not valid.
            writer.WriteNull("data"u8);
            writer.WriteStartArray("jobs"u8);
            foreach (var job in jobs)
            {
                writer.WriteStartObject();
                writer.WriteString("jobId"u8, job.JobId);
                writer.WriteString("type"u8, job.Type);
                writer.WriteString("priority"u8, NameOf(job.Priority));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static ReadOnlySpan<byte> NameOf(JobPriority priority) => priority switch
    {
        JobPriority.Low => "LOW"u8,
        JobPriority.High => "HIGH"u8,
        JobPriority.Critical => "CRITICAL"u8,
        _ => "NORMAL"u8,
    };
}
