using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// Recipients as CSV, as offices write it: a row of names first, of <c>recipientId</c>, <c>content</c>, <c>conversationId</c>, <c>recipientEmail</c> and
/// <c>var.&lt;name&gt;</c>; then a recipient a row. Between cells stand commas, semicolons or tabs, as the row of names has them, or as a line <c>sep=;</c> before it says.
/// A cell in quotes may hold any of these, quotes (doubled) and line ends. An empty cell says nothing; empty columns at the end, and empty lines, are passed over. Lines that are
/// no UTF-8 are Latin-1.
/// </summary>
internal static class CsvRecipients
{
    private const string VariablePrefix = "var.";
    private static readonly char[] Separators = [',', ';', '\t'];
    private static readonly string[] Columns = ["recipientId", "content", "conversationId", "recipientEmail"];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static async IAsyncEnumerable<RecipientLine> ReadAsync(Stream stream, int longestLine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var lines = new LineReader(stream, longestLine);
        List<string>? columns = null;
        char? separator = null;
        while (await ReadRowAsync(lines, longestLine, separator, cancellationToken) is { } row)
        {
            // Excel's own way to say what stands between cells.
            if (columns is null && separator is null && row.Text is [.., var last] text && text.Length == 5 && text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && Separators.Contains(last))
            {
                separator = last;
                continue;
            }

            separator ??= row.Separator;
            if (columns is null && row.Cells is { } names)
            {
                columns = names.ConvertAll(name => Spelled(name.Trim()));
                while (columns is [.., ""] && columns.Count > 1)
                {
                    columns.RemoveAt(columns.Count - 1);
                }

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
            else if (row.Cells.Exists(cell => cell.Length > 0))
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

        if (columns.FirstOrDefault(name => !Columns.Contains(name) && !(name.StartsWith(VariablePrefix, StringComparison.Ordinal) && name.Length > VariablePrefix.Length)) is { } unknown)
        {
            return $"has a column '{Problems.Shown(unknown)}'; there are recipientId, content, conversationId, recipientEmail and var.<name>.";
        }

        return columns.Distinct(StringComparer.Ordinal).Count() < columns.Count ? "names a column twice." : null;
    }

    private static RecipientLine Parse(int number, int bytes, List<string> cells, List<string> columns)
    {
        while (cells.Count > columns.Count && cells[^1].Trim().Length == 0)
        {
            cells.RemoveAt(cells.Count - 1);
        }

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
                recipient = columns[i] == "content" ? recipient with { Content = cells[i] }
                    : columns[i] == "recipientEmail" ? recipient with { RecipientEmail = cells[i].Trim() }
                    : WithVariable(recipient, columns[i][VariablePrefix.Length..], cells[i]);
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

    private static async ValueTask<Row?> ReadRowAsync(LineReader lines, int longest, char? separator, CancellationToken cancellationToken)
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

            var decoded = Decode(line);
            text = text.Length == 0 ? decoded : $"{text}\n{decoded}";
            var between = separator ?? SeparatorOf(text);
            if (Split(text, between, out var cells) is var error && (error is not null || cells is not null))
            {
                return new Row(number, bytes, cells, error, text, between);
            }
        }

        return text.Length == 0 ? null : new Row(number, bytes, null, "has a quote that is not closed.");
    }

    private static string Decode(byte[] line)
    {
        try
        {
            return Utf8.GetString(line).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            // What an office's program writes that knows no UTF-8.
            return Encoding.Latin1.GetString(line);
        }
    }

    // The row of names holds none of them inside its names: the most frequent one stands between.
    private static char SeparatorOf(string names) => Separators.MaxBy(separator => names.Count(character => character == separator));

    /// <summary>Splits a row; neither cells nor error when a quote is still open at its end.</summary>
    private static string? Split(string row, char separator, out List<string>? cells)
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

                if (at < row.Length && row[at] != separator)
                {
                    return "has text behind a closing quote.";
                }
            }
            else
            {
                var end = row.IndexOf(separator, at);
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

    private sealed record Row(int Number, int Bytes, List<string>? Cells, string? Error, string? Text = null, char? Separator = null);
}
