using System.Globalization;
using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>What was read of a bulk of jobs.</summary>
/// <param name="Jobs">What was read of each job, in their order; empty when the bulk itself cannot be read.</param>
/// <param name="Errors">What is wrong with the bulk itself, by field.</param>
public sealed record JobBulkReading(IReadOnlyList<JobReading> Jobs, IReadOnlyDictionary<string, string[]> Errors);

/// <summary>Reads bulks of jobs: <c>{"jobs": [envelope…]}</c>.</summary>
/// <param name="envelopes">Reads each of them.</param>
public sealed class JobBulkReader(JobEnvelopeReader envelopes)
{
    // How deep an envelope may be is told of that envelope; here a deep one must not stand in the way of the others.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 10_050 };

    /// <summary>Reads the job types of White Cross.</summary>
    public static JobBulkReader Default { get; } = new(JobEnvelopeReader.Default);

    /// <summary>Reads a bulk; an envelope that is wrong harms no other.</summary>
    /// <param name="queue">The queue it is for.</param>
    /// <param name="utf8">The JSON. What the readings hold are parts of it.</param>
    public JobBulkReading Read(QueueDefinition queue, ReadOnlyMemory<byte> utf8)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var jobs = new List<JobReading>();
        try
        {
            var reader = new Utf8JsonReader(utf8.Span, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Wrong("$", "must be an object {\"jobs\": [envelope, …]}.");
            }

            var hasJobs = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.GetString() is var name && !string.Equals(name, "jobs", StringComparison.OrdinalIgnoreCase))
                {
                    return Wrong(UnknownNames.FieldOf(name), UnknownNames.Message(name, ["jobs"]));
                }

                if (hasJobs)
                {
                    return Wrong("jobs", "is given twice.");
                }

                hasJobs = true;
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartArray)
                {
                    return Wrong("jobs", "must be an array of job envelopes.");
                }

                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (jobs.Count == JobLimits.BulkJobs)
                    {
                        return Wrong("jobs", string.Create(CultureInfo.InvariantCulture, $"must have at most {JobLimits.BulkJobs} jobs; send the rest in another request."));
                    }

                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    jobs.Add(envelopes.Read(queue, utf8[start..(int)reader.BytesConsumed]));
                }
            }

            reader.Read();
            return jobs.Count == 0 ? Wrong("jobs", "is required: at least one job envelope.") : new JobBulkReading(jobs, new Dictionary<string, string[]>());
        }
        catch (JsonException exception)
        {
            return Wrong("$", string.Create(
                CultureInfo.InvariantCulture, $"is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
        }
        catch (InvalidOperationException)
        {
            return Wrong("$", "is not valid Unicode: a property's name holds an escape that is half a character (\\ud800 to \\udfff).");
        }
    }

    private static JobBulkReading Wrong(string field, string message) => new([], new Dictionary<string, string[]> { [field] = [message] });
}
