using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>A line of an upload that was read: a recipient, or what is wrong with it.</summary>
/// <param name="Number">The line's number, from 1; that of the first where a recipient takes several.</param>
/// <param name="Bytes">How many bytes it has.</param>
/// <param name="Recipient">The recipient.</param>
/// <param name="Error">What is wrong with the line; null when nothing is.</param>
internal sealed record RecipientLine(int Number, int Bytes, BatchRecipient? Recipient, string? Error = null);

/// <summary>Reads recipients in one of the forms that an upload may have.</summary>
internal static class RecipientLines
{
    // The longest content, all of it escaped, with room for variables.
    private const int LongestLine = 128 * 1024;

    public static IAsyncEnumerable<RecipientLine>? Read(string? contentType, Stream stream, CancellationToken cancellationToken) =>
        contentType?.Split(';')[0].Trim().ToUpperInvariant() switch
        {
            "TEXT/CSV" or "APPLICATION/CSV" or "APPLICATION/VND.MS-EXCEL" or "TEXT/TAB-SEPARATED-VALUES" or "TEXT/COMMA-SEPARATED-VALUES" => CsvRecipients.ReadAsync(stream, LongestLine, cancellationToken),
            "APPLICATION/X-NDJSON" or "APPLICATION/NDJSON" or "APPLICATION/JSONL" => NdjsonRecipients.ReadAsync(stream, LongestLine, cancellationToken),
            _ => null,
        };

    public static string TooLong => $"is longer than {LongestLine / 1024} KiB.";
}
