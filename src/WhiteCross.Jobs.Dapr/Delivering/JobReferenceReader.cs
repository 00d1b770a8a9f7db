using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>Recognises an event that only names a job on record: an object of jobId, type and options.priority, and nothing else.</summary>
internal static class JobReferenceReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 8 };

    /// <returns>False when the data is something else: an envelope, a bare DTO, or no job at all.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, out string jobId, out string type, out JobPriority priority)
    {
        jobId = string.Empty;
        type = string.Empty;
        priority = JobPriority.Normal;
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("jobId"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    jobId = reader.GetString()!;
                }
                else if (reader.ValueTextEquals("type"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    type = reader.GetString()!;
                }
                else if (reader.ValueTextEquals("options"u8) && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!TryReadPriority(ref reader, ref priority))
                    {
                        return false;
                    }
                }
                else
                {
                    return false;
                }
            }

            // An id that no publisher of ours gives is no reference, and must not get on record: as an envelope it is refused with the reason.
            return JobIds.IsValid(jobId);
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // A string with a lone surrogate or broken UTF-8: not ours.
            return false;
        }
    }

    private static bool TryReadPriority(ref Utf8JsonReader reader, ref JobPriority priority)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("priority"u8) || !reader.Read() || reader.TokenType != JsonTokenType.String
                || !Enum.TryParse(reader.GetString(), ignoreCase: true, out priority))
            {
                return false;
            }
        }

        return true;
    }
}
