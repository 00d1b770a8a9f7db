using System.Text;

namespace WhiteCross.Jobs.Contracts;

/// <summary>What is wrong, field by field, in the order in which it was found.</summary>
internal sealed class FieldErrors
{
    // More errors than this help nobody, and a list of 100,000 wrong ids must not become a megabyte of text.
    private const int Most = 50;

    private const string Mark = " … [cut]";

    private readonly OrderedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Whether no other field is taken in: whoever looks for more can stop.</summary>
    public bool IsFull => _errors.Count >= Most;

    public IReadOnlyDictionary<string, string[]> ToDictionary() => _errors;

    public void Add(string field, string message)
    {
        if (_errors.TryGetValue(field, out var messages))
        {
            if (!messages.Contains(message, StringComparer.Ordinal))
            {
                _errors[field] = [.. messages, message];
            }
        }
        else if (!IsFull)
        {
            _errors.Add(field, [message]);
        }
    }

    /// <summary>Whether something is said of this very field.</summary>
    public bool Has(string field) => _errors.ContainsKey(field);

    /// <summary>Whether this field, one that holds it, or one within it is known to be wrong.</summary>
    public bool Touches(string field) => _errors.Keys.Any(known => Holds(known, field) || Holds(field, known));

    /// <summary>The errors as one text; whole fields, as many as fit into 4 KiB of UTF-8.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var room = JobLimits.ErrorMessageBytes - Encoding.UTF8.GetByteCount(Mark);
        foreach (var (field, messages) in _errors)
        {
            var part = $"{(text.Length == 0 ? string.Empty : " ")}{field}: {string.Join(' ', messages)}";
            room -= Encoding.UTF8.GetByteCount(part);
            if (room < 0)
            {
                return text.Append(Mark).ToString();
            }

            text.Append(part);
        }

        return text.ToString();
    }

    private static bool Holds(string outer, string inner) =>
        inner.StartsWith(outer, StringComparison.Ordinal) && (inner.Length == outer.Length || inner[outer.Length] is '.' or '[');
}
