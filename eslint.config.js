import tseslint from 'typescript-eslint';

const entryPointOnly = ['env', 'exit', 'argv'].map((property) => ({
  object: 'process',
  property,
  message: 'Only an entry point touches this; take it as an argument.',
}));

export default tseslint.config(
  { ignores: ['dist', 'coverage', '.stryker', 'test/artifacts', '**/*.cjs'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/cli.ts', 'src/commands/{check,main,part-process,terminal,top}.ts', 'src/supervisor.ts'],
    rules: { 'no-restricted-properties': ['error', ...entryPointOnly] },
  },
  {
    files: ['src/series/**', 'src/records/**'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'process', 'Date', 'performance'],
    },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'off',
      // What a test takes apart is a fake of its own; a fake has the parameters of what it stands for.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
