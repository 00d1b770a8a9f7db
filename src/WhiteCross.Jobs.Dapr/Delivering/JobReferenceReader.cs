using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>A job that an event names; it is on record.</summary>
/// <param name="JobId">The job's id.</param>
/// <param name="Type">The job's type; empty where the event does not say.</param>
/// <param name="Priority">How urgent it is, for the gate.</param>
internal readonly record struct JobReference(string JobId, string Type, JobPriority Priority);

/// <summary>
/// Recognises events that only name jobs on record: one, as an object of jobId, type and options.priority and nothing else, or many, as an object with an
/// array <c>jobs</c> of {jobId, type, priority}, and no data.
/// </summary>
internal static class JobReferenceReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 8 };

    /// <returns>The jobs; null when the data is something else: an envelope, a bare DTO, or no job at all.</returns>
    public static IReadOnlyList<JobReference>? TryRead(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? ReadEvent(ref reader) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, too deep, or a text with half a surrogate pair: not ours.
            return null;
        }
    }

    private static List<JobReference>? ReadEvent(ref Utf8JsonReader reader)
    {
        string? jobId = null;
        var type = string.Empty;
        var priority = JobPriority.Normal;
        List<JobReference>? many = null;
        var isOnlyReference = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("jobId"u8))
            {
                if (!TryReadText(ref reader, out jobId))
                {
                    return null;
                }
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                if (!TryReadText(ref reader, out type!))
                {
                    return null;
                }
            }
            else if (reader.ValueTextEquals("options"u8))
            {
                if (!TryReadOptions(ref reader, ref priority))
                {
                    return null;
                }
            }
            else if (reader.ValueTextEquals("jobs"u8))
            {
                if ((many = ReadMany(ref reader)) is null)
                {
                    return null;
                }
            }
            else
            {
                // Data is null where many jobs are named, so that older versions leave the event alone.
                isOnlyReference = false;
                if (!reader.ValueTextEquals("data"u8) || !reader.Read() || reader.TokenType != JsonTokenType.Null)
                {
                    return null;
                }
            }
        }

        // An id that no publisher of ours gives is no reference, and must not get on record: as an envelope it is refused with the reason.
        return many ?? (isOnlyReference && JobIds.IsValid(jobId) ? [new JobReference(jobId, type, priority)] : null);
    }

    private static List<JobReference>? ReadMany(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        var jobs = new List<JobReference>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string? jobId = null;
            var type = string.Empty;
            var priority = JobPriority.Normal;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("jobId"u8) ? !TryReadText(ref reader, out jobId)
                    : reader.ValueTextEquals("type"u8) ? !TryReadText(ref reader, out type!)
                    : reader.ValueTextEquals("priority"u8) && !TryReadPriority(ref reader, ref priority))
                {
                    return null;
                }

                // What a later version adds; what was read is at its end already.
                reader.Skip();
            }

            if (!JobIds.IsValid(jobId))
            {
                return null;
            }

            jobs.Add(new JobReference(jobId, type, priority));
        }

        return jobs.Count > 0 && reader.TokenType == JsonTokenType.EndArray ? jobs : null;
    }

    private static bool TryReadOptions(ref Utf8JsonReader reader, ref JobPriority priority)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("priority"u8) || !TryReadPriority(ref reader, ref priority))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadPriority(ref Utf8JsonReader reader, ref JobPriority priority)
    {
        if (!reader.Read())
        {
            return false;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return Enum.TryParse(reader.GetString(), ignoreCase: true, out priority) && Enum.IsDefined(priority);
            case JsonTokenType.Number:
                priority = reader.TryGetInt32(out var number) ? (JobPriority)number : default;
                return Enum.IsDefined(priority);
            default:
                return false;
        }
    }

    private static bool TryReadText(ref Utf8JsonReader reader, out string? text)
    {
        text = reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text is not null;
    }
}
