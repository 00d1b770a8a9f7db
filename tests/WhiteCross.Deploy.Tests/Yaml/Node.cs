using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace WhiteCross.Deploy.Tests.Yaml;

/// <summary>A node of a YAML file that knows where it stands.</summary>
internal sealed record Node(YamlNode Value, string File, string Path)
{
    public string At => $"{File}:{Value.Start.Line}";

    public string? Text => Value is YamlScalarNode scalar ? scalar.Value : null;

    /// <summary>A plain scalar such as <c>true</c> or <c>5</c> is no text; in quotes it is.</summary>
    public bool IsQuoted => Value is YamlScalarNode { Style: not ScalarStyle.Plain };

    public bool IsMap => Value is YamlMappingNode;

    public bool IsList => Value is YamlSequenceNode;

    public IEnumerable<(string Key, Node Key_, Node Value)> Entries => Value is YamlMappingNode map
        ? map.Children.Select(child => (KeyOf(child.Key), this with { Value = child.Key }, new Node(child.Value, File, Path.Length == 0 ? KeyOf(child.Key) : $"{Path}.{KeyOf(child.Key)}")))
        : [];

    public IEnumerable<Node> Items => Value is YamlSequenceNode list
        ? list.Children.Select((child, index) => new Node(child, File, $"{Path}[{index}]"))
        : [];

    public IEnumerable<string> Texts => Items.Select(item => item.Text ?? string.Empty);

    public Node? this[string key] => Entries.Where(entry => entry.Key == key).Select(entry => entry.Value).FirstOrDefault();

    /// <summary>The value of a key that has to be there.</summary>
    /// <exception cref="InvalidOperationException">It is not: said with file, line and field.</exception>
    public Node Required(string key) => this[key] ?? throw new InvalidOperationException($"{At}: {(Path.Length == 0 ? "the document" : Path)} has no {key}.");

    public string Kind => this["kind"]?.Text ?? string.Empty;

    public string Name => this["metadata"]?["name"]?.Text ?? string.Empty;

    /// <summary>Reads the documents of a file; empty ones are left out.</summary>
    /// <exception cref="YamlException">It is not YAML, or a key is there twice.</exception>
    public static IReadOnlyList<Node> Load(string text, string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => document.RootNode).Where(root => root is not YamlScalarNode { Value: null or "" }).Select(root => new Node(root, file, string.Empty))];
    }

    /// <summary>The content in one form, whatever the order of keys and the style.</summary>
    public string Content()
    {
        var text = new StringBuilder();
        Write(text, 0);
        return text.ToString();
    }

    private static string KeyOf(YamlNode key) => (key as YamlScalarNode)?.Value ?? string.Empty;

    private void Write(StringBuilder text, int depth)
    {
        if (IsMap)
        {
            foreach (var (key, _, value) in Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                text.Append('\n').Append(' ', depth).Append(key).Append(':');
                value.Write(text, depth + 1);
            }
        }
        else if (IsList)
        {
            foreach (var item in Items)
            {
                text.Append('\n').Append(' ', depth).Append('-');
                item.Write(text, depth + 1);
            }
        }
        else
        {
            text.Append(' ').Append(Text is "~" or "null" ? string.Empty : Text);
        }
    }
}
