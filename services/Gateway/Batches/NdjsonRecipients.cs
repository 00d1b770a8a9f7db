using System.Runtime.CompilerServices;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>Recipients as NDJSON: an object a line. Empty lines are passed over.</summary>
internal static class NdjsonRecipients
{
    public static async IAsyncEnumerable<RecipientLine> ReadAsync(Stream stream, int longestLine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var lines = new LineReader(stream, longestLine);
        while (await lines.ReadAsync(cancellationToken) is { Line: { } line } read)
        {
            if (read.IsTooLong)
            {
                yield return new RecipientLine(lines.Number, 0, null, RecipientLines.TooLong);
            }
            else if (line.AsSpan().IndexOfAnyExcept(" \t"u8) >= 0)
            {
                yield return Parse(lines.Number, line);
            }
        }
    }

    private static RecipientLine Parse(int number, byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JobsJsonContext.Closed.BatchRecipient) is { } recipient
                ? new RecipientLine(number, line.Length, recipient)
                : new RecipientLine(number, line.Length, null, "is not a JSON object.");
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, as an escape: the reader finds it when it makes the text.
            return new RecipientLine(number, line.Length, null, "has a text with half a surrogate pair; a character beyond U+FFFF is two escapes.");
        }
        catch (JsonException exception)
        {
            // Not the exception's text: it may quote what stands in the line.
            var (field, message) = JsonErrors.Describe(exception, JobsJsonContext.Closed.BatchRecipient);
            return new RecipientLine(number, line.Length, null, field.Split('.', '[')[0] switch
            {
                "$" => "is not a JSON object.",
                "recipientId" or "conversationId" when message.StartsWith("must", StringComparison.Ordinal) => $"{field} must be a UUID.",
                "variables" => "variables must be an object of texts, numbers, true or false.",
                _ => $"{field} {message}",
            });
        }
    }
}
