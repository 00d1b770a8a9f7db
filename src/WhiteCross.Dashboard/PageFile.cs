using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace WhiteCross.Dashboard;

/// <summary>A file of the pages, from this assembly.</summary>
internal sealed class PageFile
{
    public const string Index = "index.html";

    private PageFile(string name, byte[] content)
    {
        Name = name;
        Content = content;
        EntityTag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content)[..8])}\"", isWeak: true); // It may go out compressed or not.
    }

    /// <summary>Its path below the pages' folder.</summary>
    public string Name { get; }

    public ReadOnlyMemory<byte> Content { get; }

    public EntityTagHeaderValue EntityTag { get; }

    public string ContentType => Path.GetExtension(Name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The page file {Name} is of a kind that is not served: {other}."),
    };

    public static IEnumerable<PageFile> LoadAll() => typeof(PageFile).Assembly.GetManifestResourceNames().Where(name => name != Index).Select(Load);

    public static PageFile Load(string name)
    {
        using var stream = typeof(PageFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The page file {name} is not part of the assembly.");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return new PageFile(name, content.ToArray());
    }
}
