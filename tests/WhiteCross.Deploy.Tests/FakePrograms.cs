using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Deploy.Tests;

/// <summary>A folder with programs that stand for real ones when a script of the repository is run, and with copies of files that it may change.</summary>
internal sealed class FakePrograms : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("programs-");

    public string Folder => _folder.FullName;

    public static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Adds a program, written for bash.</summary>
    public void Add(string name, string script)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, $"#!/usr/bin/env bash\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }

    /// <summary>Copies a file of the repository here.</summary>
    public string Copy(string file)
    {
        var copy = Path.Combine(_folder.FullName, Path.GetFileName(file));
        File.Copy(Repository.PathOf(file), copy, overwrite: true);
        return copy;
    }

    /// <summary>Runs a script of the repository, which finds these programs first.</summary>
    public Task<string> RunAsync(string script, params string[] arguments) =>
        Shell.RunAsync("bash", ["-c", "PATH=$1:$PATH; shift; exec \"$@\"", "bash", _folder.FullName, script, .. arguments], TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Delete(recursive: true);
}
