using System.Text;

namespace WhiteCross.Jobs.Contracts;

/// <summary>What is wrong, field by field, in the order in which it was found.</summary>
internal sealed class FieldErrors
{
    // More errors than this help nobody, and a list of 100,000 wrong ids must not become a megabyte of text.
    private const int Most = 50;

    private readonly OrderedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public bool IsEmpty => _errors.Count == 0;

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
        else if (_errors.Count < Most)
        {
            _errors.Add(field, [message]);
        }
    }

    /// <summary>Whether this field, or one that holds it, is known to be wrong.</summary>
    public bool Covers(string field) =>
        _errors.Keys.Any(known => field.StartsWith(known, StringComparison.Ordinal) && (field.Length == known.Length || field[known.Length] is '.' or '['));

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (field, messages) in _errors)
        {
            text.Append(text.Length == 0 ? string.Empty : " ").Append(field).Append(": ").AppendJoin(' ', messages);
        }

        return text.Length <= JobLimits.ErrorMessageBytes / 3 ? text.ToString() : text.ToString(0, JobLimits.ErrorMessageBytes / 3) + "… [cut]";
    }
}
