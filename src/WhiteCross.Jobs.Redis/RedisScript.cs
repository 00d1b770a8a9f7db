using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Jobs.Redis;

/// <summary>A Lua script with the hash that Redis knows it by; see <see cref="RedisGuard"/>.</summary>
public class RedisScript
{
    /// <summary>Creates it.</summary>
    /// <param name="name">Its name, for people.</param>
    /// <param name="text">Its text.</param>
    public RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
#pragma warning disable CA5350 // SHA-1 is how Redis names scripts; nothing rests on its strength.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    /// <summary>Its name, for people.</summary>
    public string Name { get; }

    internal string Text { get; }

    internal byte[] Hash { get; }

    /// <summary>
    /// The same script for a Redis without memory left, which refuses it: for what ends jobs, moves them on or removes them, without which nothing would
    /// ever make room. Null for what adds something. On every version of Redis alike: the flag <c>allow-oom</c> is unknown before 7.
    /// </summary>
    internal RedisScript? WhenFull { get; private protected init; }

    /// <summary>The same script with a <see cref="ChangeNote"/>; null for what no operator does. Its answer is how many were changed, or a letter d for each.</summary>
    internal RedisScript? WithNote { get; private protected init; }

    /// <summary>The script in the resource <c>{name}.lua</c> of an assembly, which changes one queue as operators ask for it.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="name">The script's name: its file's.</param>
    public static RedisScript EmbeddedChange(Assembly assembly, string name)
    {
        var text = Read(assembly, name);
        return new RedisScript(name, text) { WithNote = new RedisScript(name, ChangeNote.Around(text)) };
    }

    /// <summary>The script in the resource <c>{name}.lua</c> of an assembly.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="name">The script's name: its file's.</param>
    public static RedisScript Embedded(Assembly assembly, string name) => new(name, Read(assembly, name));

    internal static string Read(Assembly assembly, string name)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using var stream = assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in {assembly.GetName().Name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
