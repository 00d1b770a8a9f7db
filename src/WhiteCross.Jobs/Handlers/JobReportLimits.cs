using System.Runtime.InteropServices;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs;

/// <summary>
/// Checks and takes over what a handler reports at the moment it does so: the error is the handler's, where it can be seen, and nothing that is kept depends on
/// what the handler does with its things afterwards.
/// </summary>
internal static class JobReportLimits
{
    public static void StepName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > JobLimits.StepNameLength)
        {
            throw new ArgumentException($"The name of a step or note has {name.Length} characters; at most {JobLimits.StepNameLength} are allowed.", nameof(name));
        }
    }

    public static string? ProgressStep(string? step) => step is null || step.Length <= JobLimits.StepNameLength
        ? step
        : throw new ArgumentException($"The step of the progress has {step.Length} characters; at most {JobLimits.StepNameLength} are allowed.", nameof(step));

    /// <summary>The data apart from the document they come from, which the handler may dispose of.</summary>
    public static JsonElement? ProgressData(JsonElement? data)
    {
        if (data is not { ValueKind: not JsonValueKind.Undefined } element)
        {
            return null;
        }

        var json = JsonMarshal.GetRawUtf8Value(element);
        if (json.Length > JobLimits.ProgressDataBytes)
        {
            throw new ArgumentException(
                $"The data of the progress has {json.Length} bytes of JSON; at most {JobLimits.ProgressDataBytes} are kept. Show less, or put it into the result.", nameof(data));
        }

        try
        {
            // Whoever reads the record must be able to: a document can be read with more levels than others take.
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JobLimits.Nesting, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            while (reader.Read())
            {
            }
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"The data of the progress cannot be kept: JSON of at most {JobLimits.Nesting} levels is expected.", nameof(data), exception);
        }

        return element.Clone();
    }
}
