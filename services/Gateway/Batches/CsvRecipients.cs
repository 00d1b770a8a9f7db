using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// Recipients as CSV (RFC 4180, UTF-8): a row of names first, of <c>recipientId</c>, <c>content</c>, <c>conversationId</c> and <c>var.&lt;name&gt;</c>; then a
/// recipient a row. A cell in quotes may hold commas, quotes (doubled) and line ends. An empty cell says nothing. Empty lines are passed over.
/// </summary>
internal static class CsvRecipients
{
    private const string VariablePrefix = "var.";
    private static readonly string[] Columns = ["recipientId", "content", "conversationId"];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static async IAsyncEnumerable<RecipientLine> ReadAsync(Stream stream, int longestLine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var lines = new LineReader(stream, longestLine);
        List<string>? columns = null;
        while (await ReadRowAsync(lines, longestLine, cancellationToken) is { } row)
        {
            if (columns is null && row.Cells is { } names)
            {
                columns = names.ConvertAll(name => Spelled(name.Trim()));
                if (WrongHeader(columns) is { } wrong)
                {
                    yield return new RecipientLine(row.Number, 0, null, wrong);
                    yield break;
                }
            }
            else if (row.Cells is null || columns is null)
            {
                yield return new RecipientLine(row.Number, 0, null, row.Error);
                if (columns is null)
                {
                    yield break;
                }
            }
            else
            {
                yield return Parse(row.Number, row.Bytes, row.Cells, columns);
            }
        }
    }

    // In any case, as everywhere; the variables' names are the sender's own.
    private static string Spelled(string name) =>
        Columns.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? (name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase) ? VariablePrefix + name[VariablePrefix.Length..] : name);

    private static string? WrongHeader(List<string> columns)
    {
        if (!columns.Contains("recipientId"))
        {
            return "must name the columns, recipientId among them.";
        }

        if (columns.FirstOrDefault(name => name is not ("recipientId" or "content" or "conversationId") && !(name.StartsWith(VariablePrefix, StringComparison.Ordinal) && name.Length > VariablePrefix.Length)) is { } unknown)
        {
            return $"has a column '{Problems.Shown(unknown)}'; there are recipientId, content, conversationId and var.<name>.";
        }

        return columns.Distinct(StringComparer.Ordinal).Count() < columns.Count ? "names a column twice." : null;
    }

    private static RecipientLine Parse(int number, int bytes, List<string> cells, List<string> columns)
    {
        if (cells.Count != columns.Count)
        {
            return new RecipientLine(number, bytes, null, $"has {cells.Count} cells, the first row {columns.Count}.");
        }

        var recipient = new BatchRecipient();
        for (var i = 0; i < cells.Count; i++)
        {
            if (columns[i] is "recipientId" or "conversationId")
            {
                var id = Guid.Empty;
                if (cells[i].Length > 0 && !Guid.TryParseExact(cells[i].Trim(), "D", out id))
                {
                    return new RecipientLine(number, bytes, null, $"{columns[i]} must be a UUID.");
                }

                recipient = columns[i] == "recipientId" ? recipient with { RecipientId = id } : recipient with { ConversationId = cells[i].Length > 0 ? id : null };
            }
            else if (cells[i].Length > 0)
            {
                recipient = columns[i] == "content" ? recipient with { Content = cells[i] } : WithVariable(recipient, columns[i][VariablePrefix.Length..], cells[i]);
            }
        }

        return new RecipientLine(number, bytes, recipient);
    }

    private static BatchRecipient WithVariable(BatchRecipient recipient, string name, string value)
    {
        var variables = recipient.Variables ?? [];
        variables[name] = JsonSerializer.SerializeToElement(value, JobsJsonContext.Default.String);
        return recipient with { Variables = variables };
    }

    private static async ValueTask<Row?> ReadRowAsync(LineReader lines, int longest, CancellationToken cancellationToken)
    {
        var text = string.Empty;
        var (number, bytes) = (0, 0);
        while (await lines.ReadAsync(cancellationToken) is { Line: { } line } read)
        {
            if (text.Length == 0 && line.Length == 0 && !read.IsTooLong)
            {
                continue;
            }

            number = number == 0 ? lines.Number : number;
            bytes += line.Length;
            if (read.IsTooLong || bytes > longest)
            {
                return new Row(number, bytes, null, RecipientLines.TooLong);
            }

            if (!TryDecode(line, out var decoded))
            {
                return new Row(number, bytes, null, "is not valid UTF-8.");
            }

            text = text.Length == 0 ? decoded : $"{text}\n{decoded}";
            if (Split(text, out var cells) is var error && (error is not null || cells is not null))
            {
                return new Row(number, bytes, cells, error);
            }
        }

        return text.Length == 0 ? null : new Row(number, bytes, null, "has a quote that is not closed.");
    }

    private static bool TryDecode(byte[] line, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = Utf8.GetString(line).TrimStart('\uFEFF');
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }

    /// <summary>Splits a row; neither cells nor error when a quote is still open at its end.</summary>
    private static string? Split(string row, out List<string>? cells)
    {
        cells = null;
        var (found, cell, at) = (new List<string>(), new StringBuilder(), 0);
        while (true)
        {
            cell.Clear();
            if (at < row.Length && row[at] == '"')
            {
                // Up to a quote that is not doubled.
                for (at++; at < row.Length && (row[at] != '"' || (at + 1 < row.Length && row[at + 1] == '"')); at++)
                {
                    at += row[at] == '"' ? 1 : 0;
                    cell.Append(row[at]);
                }

                if (at++ >= row.Length)
                {
                    return null;
                }

                if (at < row.Length && row[at] != ',')
                {
                    return "has text behind a closing quote.";
                }
            }
            else
            {
                var end = row.IndexOf(',', at);
                cell.Append(row, at, (end < 0 ? row.Length : end) - at);
                at = end < 0 ? row.Length : end;
            }

            found.Add(cell.ToString());
            if (at >= row.Length)
            {
                cells = found;
                return null;
            }

            at++;
        }
    }

    private sealed record Row(int Number, int Bytes, List<string>? Cells, string? Error);
}
